// Patches the queues of Bull 4: what adds jobs, what runs them, and the events between. The spans
// and numbers are those of BullMQ's jobs, by ../job-tracer.ts.
import { activeContext, runInContext } from '../../../context/context-manager.js';
import type { AnyMethod, MethodPatches } from '../../../observe/method-patches.js';
import type { JobInstance, Operation } from '../bullmq-module.js';
import { errorType } from '../error-type.js';
import { appContextOf, asInner, isInner, LOOP_CONTEXT } from '../inner-context.js';
import { linkedJobContext } from '../job-context.js';
import { type Telemetry, traceOutcome, traceProcess, traceProcessor, traceSend } from '../job-tracer.js';
import { jobWorkOf } from '../job-work.js';
import { describeNewJob } from '../new-job.js';
import type { QueueRegistry } from '../queue-registry.js';
import { metadataOf, withMetadata } from './bull-job-context.js';
import type { BullHandler, BullModule, BullQueue, BullQueuePrototype } from './bull-module.js';
import { readableQueue } from './bull-readable-queue.js';
import { patchSandbox } from './bull-sandbox.js';

/**
 * Passed to the patches. `telemetry` is asked for at each job: the SDK hands over tracer and meter
 * after the patching.
 */
export interface BullParts {
  readonly bull: BullModule;
  readonly telemetry: () => Telemetry;
  readonly registry: QueueRegistry;
}

/** The name that Bull gives jobs without one. */
const DEFAULT_NAME = '__default__';

export function patchProducers(patches: MethodPatches, { bull, telemetry, registry }: BullParts): void {
  patches.replace(bull.prototype, 'add', (original) => {
    return function add(this: BullQueue, name, data, options, ...rest) {
      const run = () => original.call(this, name, data, options, ...rest);
      if (!patches.isOn) return run();
      const queue = readableQueue(this);
      registry.add(queue);
      const [jobName, given] = typeof name === 'string' ? [name, options] : [DEFAULT_NAME, data];
      const isRepeated = typeof given === 'object' && given !== null && 'repeat' in given && Boolean(given.repeat);
      const send: Operation = (span, metadata) => describeNewJob(span, jobName, withMetadata(metadata, run));
      return traceSend(telemetry(), this.name, 'add', isRepeated, send, queue);
    };
  });
  patches.replace(bull.prototype, 'addBulk', (original) => {
    return function addBulk(this: BullQueue, jobs) {
      if (!patches.isOn) return original.call(this, jobs);
      registry.add(readableQueue(this));
      return traceSend(telemetry(), this.name, 'addBulk', true, (span, metadata) => {
        span?.setAttribute('bullmq.job.bulk.count', jobs.length);
        return withMetadata(metadata, () => original.call(this, jobs));
      });
    };
  });
  patches.replace(bull.prototype, 'nextRepeatableJob', (original) => {
    return function nextRepeatableJob(this: BullQueue, name, data, options, ...rest) {
      // The next round keeps the context of the round before, which is that of who set it up.
      const metadata = patches.isOn ? linkedJobContext(metadataOf(options)) : undefined;
      return withMetadata(metadata, () => original.call(this, name, data, options, ...rest));
    };
  });
}

export function patchConsumers(patches: MethodPatches, { bull, telemetry, registry }: BullParts): void {
  patches.replace(bull.prototype, 'process', (original) => {
    return function process(this: BullQueue, ...given) {
      if (!patches.isOn) return original.apply(this, given);
      registry.add(readableQueue(this));
      return runInContext(LOOP_CONTEXT, callOn, original, this, given);
    };
  });
  patches.replace(bull.prototype, 'processJob', (original) => {
    return function processJob(this: BullQueue, job, ...rest) {
      const run = () => original.call(this, job, ...rest);
      return !patches.isOn || !job ? run() : traceProcess(telemetry(), this.name, job, run, metadataOf(job), readableQueue(this));
    };
  });
  patches.replace(bull.prototype, 'setHandler', (original) => {
    return function setHandler(this: BullQueue, name, handler) {
      original.call(this, name, handler);
      if (typeof handler === 'string') patchSandbox(patches, this.childPool);
      const own = this.handlers[name];
      if (own !== undefined) this.handlers[name] = traced(own, this, telemetry, patches);
    };
  });
  patches.replace(bull.prototype, 'emit', (original) => wrapEmit(original, telemetry, patches));
  patches.replace(bull.prototype, 'close', (original) => {
    return function close(this: BullQueue, ...rest) {
      registry.remove(readableQueue(this));
      return patches.isOn ? asInner(callOn, original, this, rest) : original.apply(this, rest);
    };
  });
}

function traced(handler: BullHandler, queue: BullQueue, telemetry: () => Telemetry, patches: MethodPatches): BullHandler {
  const processor = function (this: BullQueue, job: JobInstance, ...rest: unknown[]) {
    return Reflect.apply(handler, this, [job, ...rest]);
  };
  return (job, ...rest) => (patches.isOn ? traceProcessor(telemetry(), queue, job, rest, processor) : handler.call(queue, job, ...rest));
}

function wrapEmit(original: BullQueuePrototype['emit'], telemetry: () => Telemetry, patches: MethodPatches): BullQueuePrototype['emit'] {
  return function emit(this: BullQueue, event, ...values) {
    if (!patches.isOn) return original.call(this, event, ...values);
    if (typeof event === 'string') note(telemetry(), this.name, event, values);
    const app = this.listenerCount(event) === 0 ? undefined : appContextOf(activeContext());
    return app === undefined ? original.call(this, event, ...values) : runInContext(app, callOn, original, this, [event, ...values]);
  };
}

/** Bull says so once for each attempt that ended; over Redis it says ids, and under other names. */
function note(telemetry: Telemetry, queue: string, event: string, [job, error]: readonly unknown[]): void {
  if (event === 'completed') traceOutcome(telemetry, queue, 'completed');
  else if (event === 'stalled' && typeof job === 'object') telemetry.metrics.stalled(queue);
  else if (event === 'failed') {
    // Also where no processor failed: it took too long, or there is none for this name.
    jobWorkOf(activeContext())?.fail(errorType(error));
    traceOutcome(telemetry, queue, isDead(job) ? 'dead' : 'retried');
  }
}

function isDead(job: unknown): boolean {
  return typeof job !== 'object' || job === null || ('finishedOn' in job && Boolean(job.finishedOn));
}

/** Methods that talk to Redis for the app: no spans of their own. */
const STORAGE = {
  queue:
    /^(?:get(?!NextJob)|count$|pause$|resume$|isPaused$|clean$|empty$|obliterate$|remove(?:Jobs|Repeatable)|retryJobs$|isReady$|disconnect$|_registerEvent$|setWorkerName$)/,
  job: /^(?:progress|update|log|takeLock|releaseLock|extendLock|moveTo\w+|promote|retry|remove|finished|getState|is(?!Discarded)[A-Z]\w+)$/,
};

export function patchStorage(patches: MethodPatches, { prototype, Job }: BullModule): void {
  for (const [owner, names] of [
    [prototype, STORAGE.queue],
    [Job.prototype, STORAGE.job],
  ] as const) {
    const methods: Record<string, AnyMethod> = Object(owner);
    for (const name of Object.keys(methods)) {
      if (!names.test(name)) continue;
      patches.replace(methods, name, (original) => {
        return function quiet(this: unknown, ...values) {
          return isInner() || !patches.isOn ? original.apply(this, values) : asInner(callOn, original, this, values);
        };
      });
    }
  }
}

function callOn<This, Args extends unknown[], Result>(method: (this: This, ...args: Args) => Result, target: This, values: Args): Result {
  return method.apply(target, values);
}
