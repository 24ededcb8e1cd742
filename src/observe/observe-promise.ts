// Looks on at a promise of BullMQ or of the app without taking its place.
import { type Context, diag } from '@opentelemetry/api';
import { runInContext } from '../context/context-manager.js';

/** Who wants to know how something ended. */
export interface Observer {
  /** @param error what it failed with */
  settled(failed: boolean, error: unknown): void;
}

/**
 * Calls `run` in `ctx` and gives back what it gives; tells `observer` when that is settled, before anybody who waits for it goes on.
 * A promise stays the same object. What only looks like one (a query that runs when it is awaited) is asked once, so a promise takes its place.
 */
export function observe<Args extends unknown[]>(observer: Observer, ctx: Context, run: (...args: Args) => unknown, ...args: Args): unknown {
  let result: unknown;
  try {
    result = runInContext(ctx, run, ...args);
  } catch (error) {
    tell(observer, true, error);
    throw error;
  }
  if (!isThenable(result)) {
    tell(observer, false, undefined);
    return result;
  }
  const promise = result instanceof Promise && result.constructor === Promise ? result : Promise.resolve(result);
  promise.then(
    () => tell(observer, false, undefined),
    (error: unknown) => tell(observer, true, error),
  );
  return promise;
}

/** An error of ours must not become an unhandled rejection of the app's. */
function tell(observer: Observer, failed: boolean, error: unknown): void {
  try {
    observer.settled(failed, error);
  } catch (problem) {
    diag.error('Could not record how a job went', problem);
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}
