// Everything BullMQ does to its storage outside a job's spans: no spans, whoever asked for it and wherever the connection was made.
import { context } from '@opentelemetry/api';
import type { BullModule, QueueInstance } from './bullmq-module.js';
import { hasTraceMethod } from './early-bullmq.js';
import { asInner, isInner, LOOP_CONTEXT } from './inner-context.js';
import type { Method, Patches } from './patch.js';

export function patchStorage(patches: Patches, bull: BullModule): void {
  // BullMQ 6.
  patches.wrapAsyncMethods(bull.RedisQueueBackend?.prototype, quietly);
  patches.wrapAsyncMethods(bull.PostgresQueueBackend?.prototype, quietly);
  patches.wrap(bull.QueueBase?.prototype, 'createBackend', detached);
  patches.wrap(bull.Worker?.prototype, 'createBackend', detached);
  // BullMQ 5 talks to Redis from jobs and getters too.
  if (bull.Scripts !== undefined) {
    patches.wrapAsyncMethods(bull.Scripts.prototype, quietly);
    patches.wrapAsyncMethods(bull.Job?.prototype, quietly);
    patches.wrapAsyncMethods(bull.QueueGetters?.prototype, quietly);
    if (!hasTraceMethod(bull)) patches.wrapAsyncMethods(bull.Queue?.prototype, quietly);
  }
  // A connection lives on after the request that made it.
  patches.wrap(
    bull.RedisConnection?.prototype,
    'init',
    (original) =>
      function init(this: unknown) {
        return context.with(LOOP_CONTEXT, () => original.call(this));
      },
  );
}

function quietly(original: Method): Method {
  return function quiet(this: unknown, ...values) {
    return isInner() ? original.apply(this, values) : asInner(callOn, original, this, values);
  };
}

function callOn(method: Method, target: unknown, values: unknown[]): unknown {
  return method.apply(target, values);
}

function detached(original: (this: QueueInstance) => void): (this: QueueInstance) => void {
  return function createBackend(this: QueueInstance) {
    context.with(LOOP_CONTEXT, () => original.call(this));
  };
}
