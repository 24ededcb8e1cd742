// The result of `CircuitBreaker.getMetrics()`. Types only, since users need every package that
// declarations import.
import type { LiveState, Outcome } from '../integrations/circuit/outcome.js';

export type BreakerState = LiveState | 'shutdown';

export interface BreakerMetrics {
  readonly name: string;
  readonly state: BreakerState;
  /** The state that `forceOpen()` or `forceClosed()` holds it in. */
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
  /** The time at which it left the closed state. */
  readonly openedAt: Date | undefined;
  /** While it is open and not forced: when the next call will be let through. */
  readonly nextProbeAt: Date | undefined;
}
