// Patches BullMQ's Queue, Worker, JobScheduler and QueueEvents.
import { type Context, context, ROOT_CONTEXT } from '@opentelemetry/api';
import { activeContext, runInContext } from '../../context/context-manager.js';
import type { MethodPatches } from '../../observe/method-patches.js';
import { OTHER } from '../../sdk/metrics/overflow.js';
import type { JobInstance, QueueBasePrototype, QueueInstance, WorkerPrototype } from './bullmq-module.js';
import { hasTraceMethod, type PatchParts, patchEarlyQueues, patchEarlyWorkers } from './early-bullmq.js';
import { appContextOf, asInner, isInner, LOOP_CONTEXT } from './inner-context.js';
import { type Telemetry, traceOutcome, traceProcess, traceProcessor, traceSend } from './job-tracer.js';
import { jobWorkOf } from './job-work.js';

type Trace = NonNullable<QueueBasePrototype['trace']>;

/** BullMQ's SpanKind values. */
const PRODUCER = 3;
const CONSUMER = 4;

/**
 * The job that a worker is about to open its `process` operation for; read at once by `trace`,
 * which BullMQ calls without it.
 */
let opening: JobInstance | undefined;

export function patchQueues(patches: MethodPatches, parts: PatchParts): void {
  const base = parts.bull.QueueBase?.prototype;
  if (hasTraceMethod(parts.bull)) patches.replace(base, 'trace', (original) => wrapTrace(original, parts, patches));
  else patchEarlyQueues(patches, parts);
  patches.replace(base, 'emit', (original) => wrapEmit(original, parts, patches));
  // A Queue calls it from its constructor: the first sight of a queue that nothing is added to
  // here.
  patches.replace(base, 'waitUntilReady', (original) => {
    return function waitUntilReady(this: QueueInstance) {
      if (patches.isOn && isInstance(this, parts.bull.Queue)) parts.registry.add(this);
      return original.call(this);
    };
  });
}

export function patchWorkers(patches: MethodPatches, parts: PatchParts): void {
  const { bull, telemetry, registry } = parts;
  const worker = bull.Worker?.prototype;
  if (hasTraceMethod(bull)) patches.replace(worker, 'processJob', wrapProcessJob);
  else patchEarlyWorkers(patches, parts);
  patches.replace(worker, 'callProcessJob', (original) => {
    return function callProcessJob(this: QueueInstance, job: JobInstance, ...rest) {
      return patches.isOn ? traceProcessor(telemetry(), this, job, rest, original) : original.call(this, job, ...rest);
    };
  });
  patches.replace(worker, 'run', (original) => {
    return function run(this: QueueInstance) {
      if (!patches.isOn) return original.call(this);
      registry.add(this);
      return context.with(loopContext(this), () => original.call(this));
    };
  });
  patches.replace(worker, 'startStalledCheckTimer', (original) => detachLoop(original, patches));
  patches.replace(bull.QueueEvents?.prototype, 'run', (original) => detachLoop(original, patches));
}

function wrapTrace(original: Trace, { bull, telemetry, registry }: PatchParts, patches: MethodPatches): Trace {
  return function trace(this: QueueInstance, kind, operation, destination, run, metadata) {
    if (operation === 'close') registry.remove(this);
    if (this.opts.telemetry !== undefined || !patches.isOn) return original.call(this, kind, operation, destination, run, metadata);
    if (kind === CONSUMER) return traceProcess(telemetry(), this.name, opening, run, metadata, this);
    if (kind !== PRODUCER || !operation.startsWith('add')) return asInner(run);
    const isScheduled = isInstance(this, bull.JobScheduler);
    // A scheduler that adds the next round from a worker's loop keeps the context of the round
    // before, which is that of who set it up.
    if (isScheduled && isInner()) return run();
    if (!isScheduled) registry.add(this);
    return traceSend(telemetry(), this.name, operation, isScheduled || operation === 'addBulk', run, this);
  };
}

function wrapEmit(
  original: QueueBasePrototype['emit'],
  { bull, telemetry }: PatchParts,
  patches: MethodPatches,
): QueueBasePrototype['emit'] {
  return function emit(this: QueueInstance, event, ...values) {
    if (!patches.isOn) return original.call(this, event, ...values);
    if (typeof event === 'string' && NOTED_EVENTS.has(event) && isInstance(this, bull.Worker))
      note(telemetry(), this.name, event, values[0]);
    // Most events have no listener: nothing to leave BullMQ's context for.
    const app = this.listenerCount(event) === 0 ? undefined : appContextOf(activeContext());
    if (app === undefined) return original.call(this, event, ...values);
    return runInContext(app, callEmit, original, this, event, ...values);
  };
}

const NOTED_EVENTS: ReadonlySet<string> = new Set(['completed', 'failed', 'stalled']);

function note(telemetry: Telemetry, queue: string, event: string, job: unknown): void {
  if (event === 'stalled') telemetry.metrics.stalled(queue);
  else if (event === 'completed') traceOutcome(telemetry, queue, 'completed');
  else {
    // Also where no processor ran: a job that stalled too often.
    jobWorkOf(activeContext())?.fail(OTHER);
    traceOutcome(telemetry, queue, isDead(job) ? 'dead' : 'retried');
  }
}

function callEmit(emit: QueueBasePrototype['emit'], queue: QueueInstance, event: string | symbol, ...values: unknown[]): boolean {
  return emit.call(queue, event, ...values);
}

function wrapProcessJob(original: WorkerPrototype['processJob']): WorkerPrototype['processJob'] {
  return function processJob(this: QueueInstance, job: JobInstance | undefined, ...rest) {
    opening = job;
    try {
      return original.call(this, job, ...rest);
    } finally {
      opening = undefined;
    }
  };
}

function detachLoop(original: (this: QueueInstance) => Promise<void>, patches: MethodPatches): (this: QueueInstance) => Promise<void> {
  return function loop(this: QueueInstance) {
    return patches.isOn ? context.with(loopContext(this), () => original.call(this)) : original.call(this);
  };
}

/** The spans of a telemetry that the app passed must not be suppressed. */
function loopContext(queue: QueueInstance): Context {
  return queue.opts.telemetry === undefined ? LOOP_CONTEXT : ROOT_CONTEXT;
}

function isInstance(value: object, type: { readonly prototype: object } | undefined): boolean {
  if (type === undefined) return false;
  // The app's own class of queues is rare, and asking for the whole chain is slow.
  return Object.getPrototypeOf(value) === type.prototype || Object.prototype.isPrototypeOf.call(type.prototype, value);
}

/**
 * BullMQ emits `failed` for every attempt; a job that comes again is not finished. Where the job is
 * gone, it was the last one.
 */
function isDead(job: unknown): boolean {
  if (typeof job !== 'object' || job === null) return true;
  return 'finishedOn' in job && Boolean(job.finishedOn);
}
