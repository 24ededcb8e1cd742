// BullMQ 5.13 to 5.21 has no `trace` method that its operations go through: what adds and runs jobs is wrapped method by method.
// From 5.22 on queue-patch.ts does all of this in one place. test/library-versions.test.ts runs the first and the last version of each kind.
import type { BullModule, JobInstance, JobOptions, NewJob, OperationSpan, QueueInstance } from './bullmq-module.js';
import { asInner, isInner } from './inner-context.js';
import { withJobContext } from './job-context.js';
import { traceProcess, traceSend } from './job-tracer.js';
import type { Patches } from './patch.js';
import type { PatchParts } from './queue-patch.js';

export function hasTraceMethod(bull: BullModule): boolean {
  return bull.QueueBase?.prototype.trace !== undefined;
}

export function patchEarlyQueues(patches: Patches, { bull, telemetry, registry }: PatchParts): void {
  const queue = bull.Queue?.prototype;
  patches.wrap(queue, 'add', (original) => {
    return function add(this: QueueInstance, name: string, data: unknown, options?: JobOptions, ...rest) {
      registry.add(this);
      return traceSend(telemetry(), this.name, 'add', options?.repeat !== undefined, (span, metadata) =>
        described(span, name, original.call(this, name, data, withJobContext(options, metadata), ...rest)),
      );
    };
  });
  patches.wrap(queue, 'addBulk', (original) => {
    return function addBulk(this: QueueInstance, jobs: readonly NewJob[]) {
      registry.add(this);
      return traceSend(telemetry(), this.name, 'addBulk', true, (span, metadata) => {
        span?.setAttribute('bullmq.job.bulk.count', jobs.length);
        return original.call(
          this,
          jobs.map((job) => ({ ...job, opts: withJobContext(job.opts, metadata) })),
        );
      });
    };
  });
  patches.wrap(bull.JobScheduler?.prototype, 'upsertJobScheduler', (original) => {
    return function upsertJobScheduler(this: QueueInstance, id, repeat, name, data, options, ...rest) {
      // A worker that adds the next round keeps the context of the round before, which is that of who set it up.
      if (isInner()) return original.call(this, id, repeat, name, data, options, ...rest);
      return traceSend(telemetry(), this.name, 'add', true, (span, metadata) =>
        described(span, name, original.call(this, id, repeat, name, data, withJobContext(options, metadata), ...rest)),
      );
    };
  });
}

export function patchEarlyWorkers(patches: Patches, { bull, telemetry, registry }: PatchParts): void {
  patches.wrap(bull.Worker?.prototype, 'processJob', (original) => {
    return function processJob(this: QueueInstance, job: JobInstance | undefined, ...rest) {
      const run = () => original.call(this, job, ...rest);
      // BullMQ does nothing then.
      if (!job || this.closing || this.paused) return run();
      return traceProcess(telemetry(), this.name, job, run, job.opts?.tm);
    };
  });
  for (const type of [bull.QueueBase, bull.Worker]) {
    patches.wrap(type?.prototype, 'close', (original) => {
      return function close(this: QueueInstance, ...rest) {
        registry.remove(this);
        return asInner(() => original.call(this, ...rest));
      };
    });
  }
}

/** Says of the new job what later versions say themselves. */
function described(span: OperationSpan | undefined, name: string, added: unknown): unknown {
  span?.setAttribute('bullmq.job.name', name);
  if (added instanceof Promise) {
    added.then(
      (job: JobInstance | undefined) => span?.setAttribute('bullmq.job.id', job?.id),
      () => {}, // The app has it.
    );
  }
  return added;
}
