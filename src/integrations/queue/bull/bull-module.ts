// The members of Bull 4 that are used beyond its public types, as of 4.0 to 4.16.
import type { JobInstance, JobOptions, NewJob, RedisClient } from '../bullmq-module.js';

/** A queue is what adds jobs and what runs them. */
export interface BullQueue {
  readonly name: string;
  readonly client: RedisClient;
  readonly closing?: unknown;
  /**
   * The app's processors, by the name of the jobs that they take; as functions that return
   * promises.
   */
  readonly handlers: Record<string, BullHandler>;
  /** The processes of sandboxed processors. */
  readonly childPool?: object;
  toKey(name: string): string;
  listenerCount(event: string | symbol): number;
}

export type BullHandler = (this: unknown, job: BullJob, ...rest: unknown[]) => unknown;

export interface BullJob extends JobInstance {
  readonly opts: JobOptions;
  toJSON(): object;
}

/** A job as it is stored. */
export interface StoredJob {
  opts?: string;
}

export interface BullQueuePrototype {
  add(this: BullQueue, name: unknown, data?: unknown, options?: unknown, ...rest: unknown[]): unknown;
  addBulk(this: BullQueue, jobs: readonly NewJob[]): unknown;
  /** Adds the next round of a repeated job. */
  nextRepeatableJob(this: BullQueue, name: string, data: unknown, options: object, ...rest: unknown[]): unknown;
  /** Starts the loops that take jobs. */
  process(this: BullQueue, ...given: unknown[]): unknown;
  processJob(this: BullQueue, job: BullJob | null | undefined, ...rest: unknown[]): unknown;
  setHandler(this: BullQueue, name: string, handler: unknown): void;
  emit(this: BullQueue, event: string | symbol, ...values: unknown[]): boolean;
  close(this: BullQueue, ...rest: unknown[]): unknown;
}

export interface BullJobPrototype {
  /** Makes what is stored of a new job. */
  toData(this: BullJob): StoredJob;
}

export interface BullJobClass {
  readonly prototype: BullJobPrototype;
  /** Makes a job of what is stored. */
  fromJSON(this: unknown, queue: BullQueue, json: StoredJob, id?: unknown): BullJob;
}

/** The exports of `bull`: its class of queues. */
export interface BullModule {
  readonly prototype: BullQueuePrototype;
  readonly Job: BullJobClass;
  /** The namespace of the ES module. */
  readonly default?: BullModule;
}

export const MEMBERS = [
  ...['add', 'addBulk', 'nextRepeatableJob', 'process', 'processJob', 'setHandler', 'emit', 'close'].map((name) => `prototype.${name}`),
  'Job.prototype.toData',
  'Job.fromJSON',
];
