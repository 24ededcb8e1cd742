// Entry point `@sietch/otel/circuit`.

export type {
  BreakerClosed,
  BreakerEvent,
  BreakerFallbackFailed,
  BreakerHalfOpened,
  BreakerOpened,
  OpenReason,
} from '../integrations/circuit/breaker-event.js';
export type { FailedCall } from '../integrations/circuit/failed-calls.js';
export type { Outcome } from '../integrations/circuit/outcome.js';
export type { BreakerCall } from './breaker-call.js';
export { CircuitBreakerError, type CircuitBreakerErrorCode, isCircuitBreakerError } from './breaker-error.js';
export type { BreakerMetrics, BreakerState } from './breaker-metrics.js';
export type { CircuitBreakerOptions } from './breaker-options.js';
export { type BreakerAction, CircuitBreaker } from './circuit-breaker.js';
