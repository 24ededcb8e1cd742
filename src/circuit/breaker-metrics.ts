// The numbers of a CircuitBreaker, for who wants them in code.
import type { ObservedBreaker } from './observed-breaker.js';
import { type LiveState, OUTCOMES, type Outcome, STATES } from './outcome.js';

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

export function readState(observed: ObservedBreaker): BreakerState {
  return STATES[observed.states.current ?? -1] ?? 'shutdown';
}

export function readMetrics(observed: ObservedBreaker, forced: 'open' | 'closed' | undefined): BreakerMetrics {
  const state = readState(observed);
  const { calls, failures, slow } = observed.window;
  const counts: Partial<Record<Outcome, number>> = {};
  OUTCOMES.forEach((outcome, index) => {
    counts[outcome] = observed.calls[index] ?? 0;
  });
  return {
    name: observed.name,
    state,
    forced,
    calls: { success: 0, failure: 0, timeout: 0, ignored: 0, rejected: 0, at_capacity: 0, cached: 0, ...counts },
    fallbacks: observed.fallbacks,
    failureRate: calls === 0 ? 0 : failures / calls,
    slowCallRate: calls === 0 ? 0 : slow / calls,
    windowCalls: calls,
    openedAt: observed.states.openedAt,
    nextProbeAt: state === 'open' ? observed.states.nextProbeAt : undefined,
  };
}
