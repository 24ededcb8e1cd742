// BullMQ 5.13 to 5.21 has no `trace` method that its operations go through: what adds and runs jobs
// is wrapped method by method. From 5.22 on queue-patch.ts does all of this in one place.
// test/library-versions.test.ts runs the first and the last version of each kind.

import type { MethodPatches } from '../../observe/method-patches.js';
import type { BullModule, JobInstance, JobOptions, NewJob, Operation, QueueInstance } from './bullmq-module.js';
import { asInner, isInner } from './inner-context.js';
import { withJobContext } from './job-context.js';
import { type Telemetry, traceProcess, traceSend } from './job-tracer.js';
import { describeNewJob } from './new-job.js';
import type { QueueRegistry } from './queue-registry.js';

/**
 * Passed to the patches. `telemetry` is asked for at each job: the SDK hands over tracer and meter
 * after the patching.
 */
export interface PatchParts {
  readonly bull: BullModule;
  readonly telemetry: () => Telemetry;
  readonly registry: QueueRegistry;
}

export function hasTraceMethod(bull: BullModule): boolean {
  return bull.QueueBase?.prototype.trace !== undefined;
}

export function patchEarlyQueues(patches: MethodPatches, { bull, telemetry, registry }: PatchParts): void {
  const queue = bull.Queue?.prototype;
  patches.replace(queue, 'add', (original) => {
    return function add(this: QueueInstance, name: string, data: unknown, options?: JobOptions, ...rest) {
      if (!patches.isOn) return original.call(this, name, data, options, ...rest);
      registry.add(this);
      const run: Operation = (span, metadata) =>
        describeNewJob(span, name, original.call(this, name, data, withJobContext(options, metadata), ...rest));
      return traceSend(telemetry(), this.name, 'add', options?.repeat !== undefined, run, this);
    };
  });
  patches.replace(queue, 'addBulk', (original) => {
    return function addBulk(this: QueueInstance, jobs: readonly NewJob[]) {
      if (!patches.isOn) return original.call(this, jobs);
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
  patches.replace(bull.JobScheduler?.prototype, 'upsertJobScheduler', (original) => {
    return function upsertJobScheduler(this: QueueInstance, id, repeat, name, data, options, ...rest) {
      // A worker that adds the next round keeps the context of the round before, which is that of
      // who set it up.
      if (isInner() || !patches.isOn) return original.call(this, id, repeat, name, data, options, ...rest);
      return traceSend(telemetry(), this.name, 'add', true, (span, metadata) =>
        describeNewJob(span, name, original.call(this, id, repeat, name, data, withJobContext(options, metadata), ...rest)),
      );
    };
  });
}

export function patchEarlyWorkers(patches: MethodPatches, { bull, telemetry, registry }: PatchParts): void {
  patches.replace(bull.Worker?.prototype, 'processJob', (original) => {
    return function processJob(this: QueueInstance, job: JobInstance | undefined, ...rest) {
      const run = () => original.call(this, job, ...rest);
      // BullMQ does nothing then.
      if (!patches.isOn || !job || this.closing || this.paused) return run();
      return traceProcess(telemetry(), this.name, job, run, job.opts?.tm, this);
    };
  });
  for (const type of [bull.QueueBase, bull.Worker]) {
    patches.replace(type?.prototype, 'close', (original) => {
      return function close(this: QueueInstance, ...rest) {
        registry.remove(this);
        return !patches.isOn ? original.call(this, ...rest) : asInner(() => original.call(this, ...rest));
      };
    });
  }
}
