// What is replaced in BullMQ's Queue, Worker, JobScheduler and QueueEvents.
import { context } from '@opentelemetry/api';
import type { BullModule, JobInstance, Operation, QueueInstance } from './bullmq-module.js';
import { appContextOf, asApp, asInner, LOOP_CONTEXT } from './inner-context.js';
import { type Telemetry, traceOutcome, traceProcess, traceProcessor, traceSend } from './job-tracer.js';
import type { Patches } from './patch.js';
import type { QueueRegistry } from './queue-registry.js';

/** BullMQ's SpanKind values. */
const PRODUCER = 3;
const CONSUMER = 4;

export function patchQueues(patches: Patches, bull: BullModule, current: () => Telemetry, registry: QueueRegistry): void {
  patchTrace(patches, bull, current, registry);
  patchEvents(patches, bull, current);
  patchLoops(patches, bull, registry);
  patches.wrap(
    bull.Worker?.prototype,
    'callProcessJob',
    (original) =>
      function callProcessJob(this: QueueInstance, job: JobInstance, ...rest) {
        const run = () => original.call(this, job, ...rest);
        return this.opts.telemetry === undefined ? traceProcessor(current(), this, job, run) : run();
      },
  );
}

function patchTrace(patches: Patches, bull: BullModule, current: () => Telemetry, registry: QueueRegistry): void {
  const isScheduler = (queue: QueueInstance) => bull.JobScheduler !== undefined && isInstance(queue, bull.JobScheduler);
  patches.wrap(
    bull.QueueBase?.prototype,
    'trace',
    (original) =>
      function trace(this: QueueInstance, kind, operation, destination, run: Operation, metadata) {
        if (this.opts.telemetry !== undefined) return original.call(this, kind, operation, destination, run, metadata);
        if (kind === CONSUMER) return traceProcess(current(), this.name, run, metadata);
        if (operation === 'close') registry.remove(this);
        if (kind !== PRODUCER || !operation.startsWith('add')) return asInner(() => run());
        const scheduled = isScheduler(this);
        // A scheduler that adds the next round from a worker's loop keeps the context of the round before, which is that of who set it up.
        if (scheduled && appContextOf(context.active()) !== undefined) return run();
        if (!scheduled) registry.add(this);
        return traceSend(current(), this.name, operation, scheduled || operation === 'addBulk', run);
      },
  );
}

function patchEvents(patches: Patches, bull: BullModule, current: () => Telemetry): void {
  patches.wrap(
    bull.QueueBase?.prototype,
    'emit',
    (original) =>
      function emit(this: QueueInstance, event, ...values) {
        if (event === 'completed' && isWorker(this, bull)) traceOutcome(current(), this.name, 'completed');
        else if (event === 'failed' && isWorker(this, bull)) traceOutcome(current(), this.name, isDead(values[0]) ? 'dead' : 'retried');
        else if (event === 'stalled' && isWorker(this, bull)) current().metrics.stalled(this.name);
        return asApp(() => original.call(this, event, ...values));
      },
  );
}

function patchLoops(patches: Patches, bull: BullModule, registry: QueueRegistry): void {
  patches.wrap(
    bull.Worker?.prototype,
    'run',
    (original) =>
      function run(this: QueueInstance) {
        registry.add(this);
        return context.with(LOOP_CONTEXT, () => original.call(this));
      },
  );
  patches.wrap(
    bull.Worker?.prototype,
    'startStalledCheckTimer',
    (original) =>
      function startStalledCheckTimer(this: QueueInstance) {
        return context.with(LOOP_CONTEXT, () => original.call(this));
      },
  );
  patches.wrap(
    bull.QueueEvents?.prototype,
    'run',
    (original) =>
      function run(this: QueueInstance) {
        return context.with(LOOP_CONTEXT, () => original.call(this));
      },
  );
  // A Queue calls it from its constructor: the first sight of a queue that nothing is added to here.
  patches.wrap(
    bull.QueueBase?.prototype,
    'waitUntilReady',
    (original) =>
      function waitUntilReady(this: QueueInstance) {
        if (bull.Queue !== undefined && isInstance(this, bull.Queue)) registry.add(this);
        return original.call(this);
      },
  );
}

function isWorker(queue: QueueInstance, bull: BullModule): boolean {
  return bull.Worker !== undefined && isInstance(queue, bull.Worker);
}

function isInstance(value: object, type: { readonly prototype: object }): boolean {
  return Object.prototype.isPrototypeOf.call(type.prototype, value);
}

/** BullMQ says `failed` for every attempt; a job that comes again is not finished. Where the job is gone, it was the last one. */
function isDead(job: unknown): boolean {
  if (typeof job !== 'object' || job === null) return true;
  return 'finishedOn' in job && Boolean(job.finishedOn);
}
