// CircuitBreakerError: the error of a call that the breaker itself refuses or ends.

const NAMES = {
  SIETCH_CIRCUIT_OPEN: 'CircuitOpenError',
  SIETCH_CIRCUIT_TIMEOUT: 'CircuitTimeoutError',
  SIETCH_CIRCUIT_AT_CAPACITY: 'CircuitCapacityError',
  SIETCH_CIRCUIT_SHUTDOWN: 'CircuitShutdownError',
} as const;

export type CircuitBreakerErrorCode = keyof typeof NAMES;

/** Recognized by other copies of this package. */
const BRAND = Symbol.for('@sietch/otel.circuit.error');

/**
 * The breaker refused or ended the call: open, timed out, at capacity or shut down, as `code` says
 * and `name` in words.
 */
export class CircuitBreakerError extends Error {
  override readonly name: string;
  readonly code: CircuitBreakerErrorCode;
  /** Name of the breaker. */
  readonly breaker: string;
  /**
   * When the next call will be let through, for an open breaker that nobody forces; made for a
   * `Retry-After` header.
   */
  readonly nextProbeAt: Date | undefined;
  readonly [BRAND] = true;

  constructor(code: CircuitBreakerErrorCode, breaker: string, message: string, nextProbeAt?: Date) {
    super(`Circuit breaker ${breaker} ${message}`);
    this.name = NAMES[code];
    this.code = code;
    this.breaker = breaker;
    this.nextProbeAt = nextProbeAt;
  }
}

/** Whether a breaker made this error, and not the action; true also for another copy's. */
export function isCircuitBreakerError(error: unknown): error is CircuitBreakerError {
  return typeof error === 'object' && error !== null && BRAND in error;
}
