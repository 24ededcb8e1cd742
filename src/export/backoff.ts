// The backoff: how long an export waits before it is retried.

const FIRST_MS = 1000;
const LONGEST_MS = 30_000;
const JITTER = 0.2;
/** Upper bound for Retry-After. */
const MAX_RETRY_AFTER_MS = 300_000;

/**
 * Doubles from one second to half a minute, ±20 % so that many processes do not come back at once.
 * `retryAfterMs` (Retry-After) takes precedence.
 */
export function backoffMs(attempt: number, retryAfterMs: number | undefined): number {
  if (retryAfterMs !== undefined) return Math.min(Math.max(retryAfterMs, 0), MAX_RETRY_AFTER_MS);
  const step = Math.min(FIRST_MS * 2 ** Math.min(attempt - 1, 10), LONGEST_MS);
  return step * (1 - JITTER + Math.random() * 2 * JITTER);
}
