// Observes the end of a promise of BullMQ or of the app, and leaves the promise itself in place.
import { type Context, diag } from '@opentelemetry/api';
import { runInContext } from '../context/context-manager.js';

/** Gets the end of what is observed. */
export interface PromiseObserver {
  /** @param error the reason of a failure */
  onSettled(failed: boolean, error: unknown): void;
}

/**
 * Calls `run` in `ctx` and returns its result. Notifies `observer` when that is settled, before
 * code that awaits it continues. A promise stays the same object. A thenable that is no promise (a
 * query that runs when it is awaited) is awaited once and replaced by a promise.
 */
export function observePromise<Args extends unknown[]>(
  observer: PromiseObserver,
  ctx: Context,
  run: (...args: Args) => unknown,
  ...args: Args
): unknown {
  let result: unknown;
  try {
    result = runInContext(ctx, run, ...args);
  } catch (error) {
    notify(observer, true, error);
    throw error;
  }
  if (!isThenable(result)) {
    notify(observer, false, undefined);
    return result;
  }
  const promise = result instanceof Promise && result.constructor === Promise ? result : Promise.resolve(result);
  promise.then(
    () => notify(observer, false, undefined),
    (error: unknown) => notify(observer, true, error),
  );
  return promise;
}

/** An error of ours must not become an unhandled rejection of the app's. */
function notify(observer: PromiseObserver, failed: boolean, error: unknown): void {
  try {
    observer.onSettled(failed, error);
  } catch (problem) {
    diag.error('Could not record how a job went', problem);
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}
