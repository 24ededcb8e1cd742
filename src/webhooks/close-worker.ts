// Ends a BullMQ worker in bounded time. BullMQ's own close waits for a store that is down for ever,
// and can't be forced once it has begun.
import { withDeadline, withHardDeadline } from '../node/deadline.js';
import type { StoreWorker, WebhookStore } from './webhook-store.js';

/** Time to find out whether the store answers. */
const ANSWER_MS = 300;

/**
 * Begins no more jobs, waits until none runs, and stores their outcomes where the store answers. By
 * `end` (of `performance.now()`) at the latest; what has not ended by then is begun anew by another
 * worker, once its lock has run out.
 */
export async function closeWorker(store: WebhookStore, worker: StoreWorker, idle: Promise<void>, end: number): Promise<void> {
  try {
    await withDeadline(worker.pause(true), ANSWER_MS);
    await withHardDeadline(idle, left(end));
    await withDeadline(store.ping(), Math.min(ANSWER_MS, left(end)));
    await withHardDeadline(worker.close(), left(end));
  } catch {
    worker.close(true).catch(() => {});
    // A close that has begun and hangs keeps renewing locks, and the process alive.
    worker.lockManager?.close().catch(() => {});
  }
}

function left(end: number): number {
  return Math.max(0, end - performance.now());
}
