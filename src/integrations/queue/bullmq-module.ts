// The members of BullMQ 5 and 6 that are used beyond its public types: methods of its classes that
// instances call on themselves. Each is optional here, and what is missing in a version is left
// alone.

/** Options of a Queue or Worker, as far as they matter here. */
export interface QueueOptions {
  readonly telemetry?: unknown;
  readonly prefix?: string;
}

/** A Queue, Worker, QueueEvents or JobScheduler. */
export interface QueueInstance {
  readonly name: string;
  readonly opts: QueueOptions;
  readonly qualifiedName?: string;
  readonly closing?: unknown;
  readonly paused?: unknown;
  listenerCount(event: string | symbol): number;
  /** BullMQ 6. */
  readonly backend?: QueueBackend;
  /** BullMQ 5. */
  readonly connection?: RedisConnection;
}

/** BullMQ 6's storage: Redis, PostgreSQL. */
export interface QueueBackend {
  readonly connection?: RedisConnection;
  getCounts?(types: readonly string[]): Promise<readonly number[]>;
}

export interface RedisConnection {
  /**
   * Resolves once connected; never while Redis is down. PostgreSQL's connection has no such member.
   */
  readonly client?: Promise<RedisClient>;
}

/** An ioredis client, or BullMQ's adapter of another one. */
export interface RedisClient {
  readonly options?: Readonly<Record<string, unknown>>;
  readonly isCluster?: boolean;
  duplicate(options?: Readonly<Record<string, unknown>>): RedisClient;
  defineCommand(name: string, definition: { numberOfKeys: number; lua: string; readOnly?: boolean }): void;
  /** Only on adapters; a plain ioredis has the command as a method of its name. */
  runCommand?(name: string, args: readonly (string | number)[]): Promise<unknown>;
  disconnect(reconnect?: boolean): unknown;
  on(event: string, listener: (...args: never[]) => void): unknown;
}

/** A job as the worker holds it. */
export interface JobInstance {
  readonly id?: string;
  readonly name: string;
  readonly timestamp?: number;
  readonly delay?: number;
  readonly processedOn?: number;
  readonly finishedOn?: number | null;
  readonly attemptsMade: number;
  /** Counts attempts that stalled or were put back, too. */
  readonly attemptsStarted?: number;
  readonly stalledCounter?: number;
  /** What the processor has told last; a function in Bull. */
  readonly progress?: unknown;
  readonly opts?: JobOptions;
}

/** Options of a job. BullMQ stores what it does not know as it is. */
export interface JobOptions {
  readonly attempts?: number;
  readonly delay?: number;
  readonly repeat?: object;
  /**
   * The name under which every version stores a job's context; up to 5.21 it is an option like any
   * other.
   */
  readonly tm?: string;
  readonly telemetry?: { readonly metadata?: string; readonly omitContext?: boolean };
}

/** A job of `addBulk`. */
export interface NewJob {
  readonly opts?: JobOptions | undefined;
}

/** The span BullMQ writes to while it works. */
export interface OperationSpan {
  setAttributes(attributes: Readonly<Record<string, unknown>>): void;
  setAttribute(key: string, value: unknown): void;
  addEvent(name: string): void;
  recordException(): void;
  end(): void;
}

export type Operation = (span?: OperationSpan, metadata?: string) => unknown;

export interface QueueBasePrototype {
  /**
   * Every operation goes through it: `add`, `addBulk`, `process`, `complete`, `retry`, `fail`,
   * `extendLocks` …
   */
  trace?(this: QueueInstance, kind: number, operation: string, destination: string, run: Operation, metadata?: string): unknown;
  emit(this: QueueInstance, event: string | symbol, ...values: unknown[]): boolean;
  waitUntilReady(this: QueueInstance): unknown;
  createBackend?(this: QueueInstance): void;
  close(this: QueueInstance, ...rest: unknown[]): Promise<void>;
}

export interface QueuePrototype {
  add(this: QueueInstance, name: string, data: unknown, options?: JobOptions, ...rest: unknown[]): unknown;
  addBulk(this: QueueInstance, jobs: readonly NewJob[]): unknown;
}

export interface JobSchedulerPrototype {
  upsertJobScheduler(
    this: QueueInstance,
    id: string,
    repeat: object,
    name: string,
    data: unknown,
    options?: JobOptions,
    ...rest: unknown[]
  ): unknown;
}

export interface WorkerPrototype {
  run(this: QueueInstance): Promise<void>;
  startStalledCheckTimer(this: QueueInstance): Promise<void>;
  createBackend?(this: QueueInstance): void;
  /** Opens the `process` operation of a job, synchronously. */
  processJob(this: QueueInstance, job: JobInstance | undefined, ...rest: unknown[]): unknown;
  /** Calls the app's processor. */
  callProcessJob(this: QueueInstance, job: JobInstance, ...rest: unknown[]): unknown;
  close(this: QueueInstance, ...rest: unknown[]): Promise<void>;
}

/** A node of a flow. */
export interface FlowNode {
  readonly queueName: string;
  readonly children?: readonly FlowNode[];
  readonly opts?: JobOptions | undefined;
}

export interface FlowProducerInstance {
  readonly opts?: QueueOptions;
}

export interface FlowProducerPrototype {
  add(this: FlowProducerInstance, flow: FlowNode, ...rest: unknown[]): unknown;
  addBulk(this: FlowProducerInstance, flows: readonly FlowNode[]): unknown;
  addNode?(this: FlowProducerInstance, entry: { readonly node: FlowNode }): Promise<unknown>;
}

interface ClassOf<Prototype> {
  readonly prototype: Prototype;
}

/** The exports of `bullmq`. */
export interface BullModule {
  readonly QueueBase?: ClassOf<QueueBasePrototype>;
  readonly Queue?: ClassOf<QueuePrototype>;
  readonly Worker?: ClassOf<WorkerPrototype>;
  readonly JobScheduler?: ClassOf<JobSchedulerPrototype>;
  readonly QueueEvents?: ClassOf<{ run(this: QueueInstance): Promise<void> }>;
  readonly FlowProducer?: ClassOf<FlowProducerPrototype>;
  readonly RedisConnection?: ClassOf<{ init(this: unknown): Promise<unknown> }>;
  /**
   * BullMQ 6's storage classes and BullMQ 5's `Scripts`: whatever they do is a command to the
   * store.
   */
  readonly RedisQueueBackend?: ClassOf<object>;
  readonly PostgresQueueBackend?: ClassOf<object>;
  readonly Scripts?: ClassOf<object>;
  readonly Job?: ClassOf<object>;
  readonly QueueGetters?: ClassOf<object>;
}

/** The members that every supported version has. */
const MEMBERS = [
  ...['emit', 'waitUntilReady'].map((name) => `QueueBase.prototype.${name}`),
  ...['processJob', 'callProcessJob', 'run', 'startStalledCheckTimer'].map((name) => `Worker.prototype.${name}`),
  ...['add', 'addBulk', 'addNode'].map((name) => `FlowProducer.prototype.${name}`),
  ...['QueueEvents.prototype.run', 'RedisConnection.prototype.init', 'Job'],
];

/** Paths to the members that are patched in a version, from the exports of `bullmq`. */
export function membersOf(version: string | undefined): string[] {
  const [major = 0, minor = 0] = (version ?? '').split('.').map(Number);
  const isEarly = major === 5 && minor < 22;
  const operations = isEarly ? ['Queue.prototype.add', 'Queue.prototype.addBulk', 'Worker.prototype.close'] : ['QueueBase.prototype.trace'];
  return [
    ...MEMBERS,
    ...operations,
    ...(major === 5 ? ['Scripts', 'QueueGetters'] : ['RedisQueueBackend', 'QueueBase.prototype.createBackend']),
  ];
}
