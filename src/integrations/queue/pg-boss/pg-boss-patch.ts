// Patches what an app calls of pg-boss 9 to 12.35: `send` and its like, `insert`, `publish`, `work`
// and `start`. Its polling runs in no trace and makes no spans.
import { trace } from '@opentelemetry/api';
import { activeContext, runInContext } from '../../../context/context-manager.js';
import { type MethodPatches, replaceMethod } from '../../../observe/method-patches.js';
import { observePromise } from '../../../observe/observe-promise.js';
import { preserveSignature } from '../../../observe/preserve-signature.js';
import { appContextOf, insideJob, LOOP_CONTEXT } from '../inner-context.js';
import { traceSend } from '../job-tracer.js';
import type { BossRegistry } from './boss-registry.js';
import type { PgBossContext } from './pg-boss-context.js';
import { type BossClass, type BossMethod, type BossPrototype, isJob, SENDS } from './pg-boss-module.js';
import { PgBossRun } from './pg-boss-run.js';
import { type JobParts, traceHandler } from './pg-boss-work.js';

export interface BossParts extends JobParts {
  readonly patches: MethodPatches;
  readonly registry: BossRegistry;
}

/** Jobs of one call that go to several queues. */
const SEVERAL = '*';

export function patchBoss({ prototype }: BossClass, parts: BossParts): void {
  const { patches } = parts;
  const started = new WeakSet<object>();
  const methods = methodsOf(parts);
  for (const [name, make] of methods) patches.replace(prototype, name, make);
  patches.replace(prototype, 'start', (original) => {
    return function start(this: object, ...args) {
      if (!patches.isOn) return original.apply(this, args);
      parts.registry.add(this);
      if (!started.has(this)) {
        started.add(this);
        // Up to pg-boss 11 the methods are the instance's own.
        for (const [name, make] of methods) patchOwn(this, name, make);
      }
      return runInContext(LOOP_CONTEXT, callOn, original, this, args);
    };
  });
}

/** What is patched of pg-boss with spans of its own. */
type WatchParts = Pick<BossParts, 'patches' | 'registry' | 'marks'>;

/** For pg-boss with spans of its own: which instances there are, and that they send. */
export function watchStarts({ prototype }: BossClass, { patches, registry, marks }: WatchParts): void {
  for (const name of [...SENDS, 'insert']) {
    patches.replace(prototype, name, (original) => {
      return function send(this: object, ...args) {
        if (patches.isOn) marks.noteSent(trace.getSpanContext(activeContext()), this);
        return original.apply(this, args);
      };
    });
  }
  patches.replace(prototype, 'start', (original) => {
    return function start(this: object, ...args) {
      if (patches.isOn) registry.add(this);
      return original.apply(this, args);
    };
  });
}

/** An instance that is stopped is no longer read. Its last jobs may fail until it is. */
export function watchStops({ prototype }: BossClass, { patches, registry, marks }: WatchParts): void {
  patches.replace(prototype, 'stop', (original) => {
    return function stop(this: object, ...args) {
      registry.remove(this);
      const stopped = original.apply(this, args);
      const forget = () => void marks.forget(this);
      if (stopped instanceof Promise) stopped.then(forget, forget);
      else forget();
      return stopped;
    };
  });
}

type Make = (original: BossMethod) => BossMethod;

function methodsOf(parts: BossParts): [string, Make][] {
  return [
    ...SENDS.map((name): [string, Make] => [name, (original) => tracedSend(name, original, parts)]),
    ['insert', (original) => tracedInsert(original, parts)],
    ['publish', (original) => tracedPublish(original, parts)],
    ['work', (original) => tracedWork(original, parts)],
  ];
}

function patchOwn(boss: object, name: string, make: Make): void {
  const found: unknown = Object.getOwnPropertyDescriptor(boss, name)?.value;
  if (typeof found !== 'function') return;
  const methods: Record<string, BossMethod> = Object(boss);
  replaceMethod(
    methods,
    name,
    make((...args) => Reflect.apply(found, boss, args)),
    true,
  );
}

function tracedSend(operation: string, original: BossMethod, { patches, telemetry, carrier, marks }: BossParts): BossMethod {
  return function send(...args) {
    const queue = queueIn(args[0]);
    if (!patches.isOn || queue === undefined) return original.apply(this, args);
    return traceSend(telemetry(), queue, operation, false, (span, metadata) => {
      if (carrier.leavesProcess) marks.noteSent(trace.getSpanContext(activeContext()), this);
      const sent = inApp(original, this, withContext(args, carrier, metadata));
      if (sent instanceof Promise) {
        sent.then(
          (id: unknown) => {
            carrier.remember(id, metadata);
            span?.setAttribute('bullmq.job.id', id);
          },
          () => {}, // The app has it.
        );
      }
      return sent;
    });
  };
}

/**
 * `send(name, data, …)` or `send({ name, data })`, with its context in the data where it goes
 * there.
 */
function withContext(args: unknown[], carrier: PgBossContext, metadata: string | undefined): unknown[] {
  const [first, data, ...rest] = args;
  if (typeof first === 'string') return args.length < 2 ? args : [first, carrier.putInto(data, metadata), ...rest];
  return [jobWithContext(first, carrier, metadata), ...args.slice(1)];
}

function jobWithContext(job: unknown, carrier: PgBossContext, metadata: string | undefined): unknown {
  if (typeof job !== 'object' || job === null || !('data' in job)) return job;
  const data = carrier.putInto(job.data, metadata);
  return data === job.data ? job : { ...job, data };
}

/** `insert(jobs)` up to pg-boss 10, `insert(name, jobs)` from 11 on. */
function tracedInsert(original: BossMethod, { patches, telemetry, carrier }: BossParts): BossMethod {
  return function insert(...args) {
    const at = typeof args[0] === 'string' ? 1 : 0;
    const jobs: unknown = args[at];
    if (!patches.isOn || !Array.isArray(jobs)) return original.apply(this, args);
    const queue = at === 1 ? queueIn(args[0]) : sameQueue(jobs);
    return traceSend(telemetry(), queue ?? SEVERAL, 'insert', true, (span, metadata) => {
      span?.setAttribute('bullmq.job.bulk.count', jobs.length);
      const given = jobs.map((job) => jobWithContext(job, carrier, metadata));
      return inApp(original, this, [...args.slice(0, at), given, ...args.slice(at + 1)]);
    });
  };
}

/** The jobs go to the queues that have subscribed to the event. */
function tracedPublish(original: BossMethod, { patches, telemetry, carrier }: BossParts): BossMethod {
  return function publish(...args) {
    const event = queueIn(args[0]);
    if (!patches.isOn || event === undefined) return original.apply(this, args);
    return traceSend(telemetry(), event, 'publish', true, (_span, metadata) => inApp(original, this, withContext(args, carrier, metadata)));
  };
}

function tracedWork(original: BossMethod, parts: BossParts): BossMethod {
  const { patches } = parts;
  return function work(...args) {
    const queue = queueIn(args[0]);
    const handler = args.at(-1);
    if (!patches.isOn || queue === undefined || !isHandler(handler)) return original.apply(this, args);
    const traced: BossMethod = (...given) => {
      const jobs = (Array.isArray(given[0]) ? given[0] : [given[0]]).filter(isJob);
      const handle = () => handler(...given);
      return patches.isOn && jobs.length > 0 ? traceHandler(parts, this, queue, jobs, handle) : handle();
    };
    return runInContext(LOOP_CONTEXT, callOn, original, this, [...args.slice(0, -1), preserveSignature(traced, handler)]);
  };
}

/**
 * Lists the calls of handlers, of pg-boss that makes spans itself: its methods are those of the
 * prototype.
 */
export function listHandlers(prototype: BossPrototype, { patches, marks }: WatchParts): void {
  patches.replace(prototype, 'work', (original) => {
    return function work(this: object, ...args) {
      const queue = queueIn(args[0]);
      const handler = args.at(-1);
      if (!patches.isOn || queue === undefined || !isHandler(handler)) return original.apply(this, args);
      const listed: BossMethod = (...given) => {
        const jobs = (Array.isArray(given[0]) ? given[0] : [given[0]]).filter(isJob);
        if (!patches.isOn || jobs.length === 0) return handler(...given);
        const active = activeContext();
        const span = trace.getSpanContext(active);
        if (span !== undefined) marks.noteTaken(span, span, this);
        const run = new PgBossRun(queue, active, jobs);
        return observePromise(run, insideJob(active, run), handler, ...given);
      };
      return original.apply(this, [...args.slice(0, -1), preserveSignature(listed, handler)]);
    };
  });
}

/** The statement that stores a job is a span like others of the app. */
function inApp(original: BossMethod, boss: object, args: unknown[]): unknown {
  return runInContext(appContextOf(activeContext()) ?? activeContext(), callOn, original, boss, args);
}

function callOn(method: BossMethod, target: object, args: unknown[]): unknown {
  return method.apply(target, args);
}

/** The name of a queue, or a job that has one. */
function queueIn(given: unknown): string | undefined {
  const name: unknown = typeof given === 'object' && given !== null && 'name' in given ? given.name : given;
  return typeof name === 'string' ? name : undefined;
}

function sameQueue(jobs: readonly unknown[]): string | undefined {
  const names = new Set(jobs.map(queueIn));
  return names.size === 1 ? [...names][0] : undefined;
}

function isHandler(value: unknown): value is (...given: unknown[]) => unknown {
  return typeof value === 'function';
}
