// Reads state and numbers of a CircuitBreaker from its observation.

import type { ObservedBreaker } from '../integrations/circuit/observed-breaker.js';
import { OUTCOMES, type Outcome, STATES } from '../integrations/circuit/outcome.js';
import type { BreakerMetrics, BreakerState } from './breaker-metrics.js';

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
