// Rates of an opossum breaker's rolling window, read without `stats`: that getter copies and sorts
// every latency.
import type { Breaker } from './opossum.js';

export interface WindowRates {
  /** Calls that ended in the window. */
  readonly calls: number;
  readonly failures: number;
  readonly slow: number;
  /** Calls that were fired; opossum holds the failures against these. */
  readonly fires: number;
}

/** Adds up the buckets. A call counts as slow from `slowCallMs` on. */
export function readWindow(breaker: Breaker, slowCallMs: number): WindowRates {
  let successes = 0;
  let failures = 0;
  let fires = 0;
  let timeouts = 0;
  let slow = 0;
  for (const bucket of breaker.status.window) {
    successes += bucket.successes;
    failures += bucket.failures;
    fires += bucket.fires;
    timeouts += bucket.timeouts;
    for (const latency of bucket.latencyTimes) if (latency >= slowCallMs) slow++;
  }
  // opossum notes the latency of a timeout twice: as a timeout and as a failure.
  const timeoutMs = breaker.options.timeout;
  if (typeof timeoutMs === 'number' && timeoutMs >= slowCallMs) slow -= timeouts;
  return { calls: successes + failures, failures, slow, fires };
}

/** Forgets the calls of the window. */
export function clearWindow(breaker: Breaker): void {
  for (const bucket of breaker.status.window) {
    bucket.successes = 0;
    bucket.failures = 0;
    bucket.fires = 0;
    bucket.timeouts = 0;
    bucket.rejects = 0;
    bucket.fallbacks = 0;
    bucket.semaphoreRejections = 0;
    bucket.latencyTimes.length = 0;
  }
}
