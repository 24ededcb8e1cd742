// The event of a breaker that changes its state: for `onEvent`, the log, the active span and the
// alert webhook.
import type { FailedCall } from './failed-calls.js';

/** Why a breaker opened. */
export type OpenReason = 'failure_rate' | 'probe_failed' | 'manual' | 'forced' | 'restored';

/** A breaker opened: calls are no longer let through. */
export interface BreakerOpened {
  readonly type: 'open';
  /** Name of the breaker. */
  readonly name: string;
  readonly at: Date;
  readonly reason: OpenReason;
  /** Share of failed calls in the rolling window, 0 to 1. */
  readonly failureRate: number;
  /** The last calls that failed and counted, oldest first, at most 10. */
  readonly failures: readonly FailedCall[];
  /** When the next call will be let through to try; undefined while it is forced open. */
  readonly nextProbeAt: Date | undefined;
}

/** The time to try has come: the next call is let through. */
export interface BreakerHalfOpened {
  readonly type: 'half_open';
  readonly name: string;
  readonly at: Date;
}

/** A breaker closed: calls are let through again. */
export interface BreakerClosed {
  readonly type: 'close';
  readonly name: string;
  readonly at: Date;
  readonly reason: 'probe_succeeded' | 'manual' | 'forced';
  /** How long it was not closed, in milliseconds. */
  readonly openForMs: number;
}

/**
 * A fallback threw or rejected: the caller got its error. At most once a minute for each breaker.
 */
export interface BreakerFallbackFailed {
  readonly type: 'fallback_failed';
  readonly name: string;
  readonly at: Date;
  /** Class of the fallback's error. */
  readonly error: string;
}

export type BreakerEvent = BreakerOpened | BreakerHalfOpened | BreakerClosed | BreakerFallbackFailed;
