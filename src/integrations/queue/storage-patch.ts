// Everything BullMQ does to its storage outside a job's spans: no spans, in whichever context it is
// called.
import { context } from '@opentelemetry/api';
import type { AnyMethod, MethodPatches } from '../../observe/method-patches.js';
import type { BullModule, QueueInstance } from './bullmq-module.js';
import { hasTraceMethod } from './early-bullmq.js';
import { asInner, isInner, LOOP_CONTEXT } from './inner-context.js';

export function patchStorage(patches: MethodPatches, bull: BullModule): void {
  const quietly = (original: AnyMethod) => suppress(original, patches);
  const detached = (original: CreateBackend) => detach(original, patches);
  // BullMQ 6.
  patches.replaceAsyncMethods(bull.RedisQueueBackend?.prototype, quietly);
  patches.replaceAsyncMethods(bull.PostgresQueueBackend?.prototype, quietly);
  patches.replace(bull.QueueBase?.prototype, 'createBackend', detached);
  patches.replace(bull.Worker?.prototype, 'createBackend', detached);
  // BullMQ 5 talks to Redis from jobs and getters too.
  if (bull.Scripts !== undefined) {
    patches.replaceAsyncMethods(bull.Scripts.prototype, quietly);
    patches.replaceAsyncMethods(bull.Job?.prototype, quietly);
    patches.replaceAsyncMethods(bull.QueueGetters?.prototype, quietly);
    if (!hasTraceMethod(bull)) patches.replaceAsyncMethods(bull.Queue?.prototype, quietly);
  }
  // A connection lives on after the request that made it.
  patches.replace(
    bull.RedisConnection?.prototype,
    'init',
    (original) =>
      function init(this: unknown) {
        return patches.isOn ? context.with(LOOP_CONTEXT, () => original.call(this)) : original.call(this);
      },
  );
}

function suppress(original: AnyMethod, patches: MethodPatches): AnyMethod {
  return function quiet(this: unknown, ...values) {
    return isInner() || !patches.isOn ? original.call(this, ...values) : asInner(callOn, original, this, ...values);
  };
}

function callOn(method: AnyMethod, target: unknown, ...values: unknown[]): unknown {
  return method.call(target, ...values);
}

type CreateBackend = (this: QueueInstance) => void;

function detach(original: CreateBackend, patches: MethodPatches): CreateBackend {
  return function createBackend(this: QueueInstance) {
    if (patches.isOn) context.with(LOOP_CONTEXT, () => original.call(this));
    else original.call(this);
  };
}
