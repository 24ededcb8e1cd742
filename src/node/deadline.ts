// Deadlines that are fair to a blocked event loop: time in which this process could not read an
// answer is no silence of the other side.

/** Parts of a deadline. However long one turn of the loop takes, it uses up one part at most. */
const PARTS = 5;

/** What was waited for did not come in time. */
export class DeadlineError extends Error {
  override readonly name = 'DeadlineError';

  constructor(ms: number) {
    super(`No answer within ${ms} ms`);
  }
}

/**
 * Calls back after `ms` in which the event loop was free to read answers, and after what has come
 * in by then was read. Returns what calls it off. A timer that is late because the loop was blocked
 * fires before the loop reads its sockets: with it alone, each block would look like a dead peer.
 */
export function afterLoopTime(ms: number, callback: () => void): () => void {
  let left = PARTS;
  let immediate: NodeJS.Immediate | undefined;
  const step = () => {
    left--;
    if (left > 0) timer = startTimer();
    else immediate = setImmediate(callback);
  };
  const startTimer = () => setTimeout(step, Math.max(1, ms / PARTS)).unref();
  let timer = startTimer();
  return () => {
    clearTimeout(timer);
    clearImmediate(immediate);
  };
}

/** Rejects with a DeadlineError after `ms` of loop time; what was waited for goes on. */
export function withDeadline<Value>(promise: Promise<Value>, ms: number): Promise<Value> {
  return new Promise((resolve, reject) => {
    const cancel = afterLoopTime(ms, () => reject(new DeadlineError(ms)));
    promise.then(resolve, reject).finally(cancel);
  });
}

/**
 * Rejects with a DeadlineError after `ms` by the clock on the wall: for an end that somebody else
 * has set, as who stops the process has.
 * @param hold whether the deadline keeps the process alive
 */
export function withHardDeadline<Value>(promise: Promise<Value>, ms: number, hold = false): Promise<Value> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => setImmediate(() => reject(new DeadlineError(ms))), ms);
    if (!hold) timer.unref();
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
