// Looks on at a promise of BullMQ or of the app without taking its place.
import { diag } from '@opentelemetry/api';

/** `error` is what it failed with. */
type Ended = (failed: boolean, error: unknown) => void;

/**
 * Calls `run` and gives back what it gives; tells `ended` when that is settled, before anybody who waits for it goes on.
 * A promise stays the same object. What only looks like one (a query that runs when it is awaited) is asked once, so a promise takes its place.
 */
export function whenSettled(run: () => unknown, ended: Ended): unknown {
  let result: unknown;
  try {
    result = run();
  } catch (error) {
    tell(ended, true, error);
    throw error;
  }
  if (!isThenable(result)) {
    tell(ended, false, undefined);
    return result;
  }
  const promise = result instanceof Promise && result.constructor === Promise ? result : Promise.resolve(result);
  promise.then(
    () => tell(ended, false, undefined),
    (error: unknown) => tell(ended, true, error),
  );
  return promise;
}

/** An error of ours must not become an unhandled rejection of the app's. */
function tell(ended: Ended, failed: boolean, error: unknown): void {
  try {
    ended(failed, error);
  } catch (problem) {
    diag.error('Could not record how a job went', problem);
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}
