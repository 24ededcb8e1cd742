// Decides which threads of the process are observed. Loaded before everything else.
import { parentPort, workerData } from 'node:worker_threads';
import { isMainThread } from './main-thread.js';

/** The variable, read here too: nothing is loaded in threads that are not observed. */
const VARIABLE = 'SIETCH_OTEL_WORKER_THREADS';

/**
 * Whether the distribution starts in this thread: the main one, and with
 * `SIETCH_OTEL_WORKER_THREADS=on` the app's worker threads. Never Node's own (loader hooks) nor
 * pino's transports, in both of which preloads run again.
 */
export function isObservedThread(): boolean {
  return isMainThread || (areThreadsObserved() && parentPort !== null && !isThreadStream(workerData));
}

/** `SIETCH_OTEL_WORKER_THREADS`. */
export function areThreadsObserved(): boolean {
  const wanted = process.env[VARIABLE]?.trim().toLowerCase();
  return wanted === 'on' || wanted === 'true';
}

/** The thread of a pino transport. */
function isThreadStream(data: unknown): boolean {
  if (typeof data !== 'object' || data === null || !('$context' in data)) return false;
  const { $context } = data;
  return typeof $context === 'object' && $context !== null && 'threadStreamVersion' in $context;
}
