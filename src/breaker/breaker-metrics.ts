// The numbers of a CircuitBreaker, for who wants them in code. Types only: what declarations import here, users must have.
import type { LiveState, Outcome } from '../integrations/circuit/outcome.js';

export type BreakerState = LiveState | 'shutdown';

export interface BreakerMetrics {
  readonly name: string;
  readonly state: BreakerState;
  /** Whether `forceOpen()` or `forceClosed()` holds it there. */
  readonly forced: 'open' | 'closed' | undefined;
  /** Calls since it was made, by how they ended. */
  readonly calls: Readonly<Record<Outcome, number>>;
  /** Calls that the fallback answered. */
  readonly fallbacks: number;
  /** Share of failed calls in the window, 0 to 1. */
  readonly failureRate: number;
  /** Share of slow calls in the window, 0 to 1. */
  readonly slowCallRate: number;
  /** Calls that ended in the window. */
  readonly windowCalls: number;
  /** Since when it is not closed. */
  readonly openedAt: Date | undefined;
  /** While it is open and not forced: when the next call will be let through. */
  readonly nextProbeAt: Date | undefined;
}
