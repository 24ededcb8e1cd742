// Sandboxed processors of Bull 4: it forks a process and sends the job there as JSON. The trace
// goes along in a field of that JSON, which is taken out again before the processor sees the job.
import { context, propagation, ROOT_CONTEXT } from '@opentelemetry/api';
import { activeContext } from '../../../context/context-manager.js';
import type { MethodPatches } from '../../../observe/method-patches.js';
import { SANDBOX_FIELD, type TraceCarrier } from '../sandbox-field.js';
import type { BullJob } from './bull-module.js';

interface Child {
  send(this: Child, message: unknown, ...rest: unknown[]): unknown;
}

interface ChildPool {
  retain(this: ChildPool, file: string): Promise<Child>;
}

/** Has each process that the pool hands out take the trace along. */
export function patchSandbox(patches: MethodPatches, pool: object | undefined): void {
  const prototype: unknown = pool === undefined ? undefined : Object.getPrototypeOf(pool);
  if (!isChildPool(prototype)) return;
  patches.replace(prototype, 'retain', (original) => {
    return async function retain(file) {
      const child = await original.call(this, file);
      patches.replace(child, 'send', (send) => {
        return function (message, ...rest) {
          return send.call(this, patches.isOn ? withTrace(message) : message, ...rest);
        };
      });
      return child;
    };
  });
}

/** Whether this process is one that Bull has forked. */
export function isSandbox(): boolean {
  return process.send !== undefined && /[\\/]bull[\\/]lib[\\/]process[\\/]master\.js$/.test(process.argv[1] ?? '');
}

/** Runs each job that such a process gets in its context. */
export function openSandbox(patches: MethodPatches): void {
  const target: { emit(event: string | symbol, ...values: unknown[]): boolean } = process;
  patches.replace(target, 'emit', (original) => {
    return function emit(this: unknown, event, ...values) {
      const carrier = event === 'message' && patches.isOn ? takeCarrier(values[0]) : undefined;
      if (carrier === undefined) return Reflect.apply(original, this, [event, ...values]);
      return context.with(propagation.extract(ROOT_CONTEXT, carrier), () => Reflect.apply(original, this, [event, ...values]));
    };
  });
}

function withTrace(message: unknown): unknown {
  if (!isStart(message) || !isJob(message.job)) return message;
  const carrier: TraceCarrier = {};
  propagation.inject(activeContext(), carrier);
  return { ...message, job: { ...message.job.toJSON(), [SANDBOX_FIELD]: carrier } };
}

/** Takes the field out of the message, which came as JSON and is nobody else's. */
function takeCarrier(message: unknown): object | undefined {
  if (!isStart(message) || typeof message.job !== 'object' || message.job === null || !(SANDBOX_FIELD in message.job)) return undefined;
  const carrier: unknown = message.job[SANDBOX_FIELD];
  Reflect.deleteProperty(message.job, SANDBOX_FIELD);
  return typeof carrier === 'object' && carrier !== null ? carrier : undefined;
}

function isStart(message: unknown): message is { readonly cmd: 'start'; readonly job: unknown } {
  return typeof message === 'object' && message !== null && 'cmd' in message && message.cmd === 'start' && 'job' in message;
}

function isJob(value: unknown): value is BullJob {
  return typeof value === 'object' && value !== null && 'toJSON' in value && typeof value.toJSON === 'function';
}

function isChildPool(value: unknown): value is ChildPool {
  return typeof value === 'object' && value !== null && 'retain' in value && typeof value.retain === 'function';
}
