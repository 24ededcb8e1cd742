// The options of a CircuitBreaker: types, checks and defaults.
import { checkOptions, decimal, func, integer, milliseconds, type OptionTable, required, string, that } from '../config/options.js';
import type { BreakerEvent } from '../integrations/circuit/breaker-event.js';
import type { ILogger } from '../logging/logger.js';

export interface CircuitBreakerOptions<Args extends unknown[] = unknown[], Fallback = unknown> {
  /** Names the metrics and log lines: `paddle` gives `sietch_paddle_circuit_state`. */
  readonly name: string;
  /**
   * A call that takes longer fails, and its `signal` is aborted. Milliseconds, at least 1. Default
   * 10000.
   */
  readonly timeoutMs?: number | undefined;
  /**
   * The breaker opens when more than this share of the calls in the window failed. 0 to 100 (which
   * is never). Default 50.
   */
  readonly errorThresholdPercentage?: number | undefined;
  /**
   * Calls there must have been in the window before it can open: one failure at night must not. At
   * least 1. Default 5.
   */
  readonly volumeThreshold?: number | undefined;
  /**
   * How long it stays open before the next call is let through to try. Milliseconds, at least 1.
   * Default 30000.
   */
  readonly resetTimeoutMs?: number | undefined;
  /** Length of the rolling window. Milliseconds, at least 10. Default 10000. */
  readonly windowMs?: number | undefined;
  /** Calls that may be under way at once; further ones fail. At least 1. Default no limit. */
  readonly capacity?: number | undefined;
  /**
   * A call that takes at least this long counts in the slow-call rate. Milliseconds. Default
   * `SIETCH_OTEL_CIRCUIT_SLOW_CALL_MS`.
   */
  readonly slowCallMs?: number | undefined;
  /**
   * Answers in place of a call that failed, timed out or was not let through; gets its error, then
   * its arguments. Not called for errors that do not count. What it throws is what the caller gets,
   * and is logged.
   */
  readonly fallback?: ((error: unknown, ...args: NoInfer<Args>) => Fallback | PromiseLike<Fallback>) | undefined;
  /**
   * Whether an error of the action counts. Default: each one does. An HTTP 404 is hardly the other
   * side's failure.
   */
  readonly isFailure?: ((error: unknown) => boolean) | undefined;
  /** Called at each change of state. What it throws is ignored but for a warning. */
  readonly onEvent?: ((event: BreakerEvent) => void) | undefined;
  /** Gets the log lines about the breaker. Default: the event log of the distribution. */
  readonly logger?: ILogger | undefined;
}

const isLogger = (value: unknown) => typeof value === 'object' && value !== null && typeof Reflect.get(value, 'error') === 'function';

const TABLE: OptionTable = {
  name: required(string('a string that is not empty', /\S/)),
  timeoutMs: milliseconds(1),
  errorThresholdPercentage: decimal(0, 100),
  volumeThreshold: integer(1),
  resetTimeoutMs: milliseconds(1),
  windowMs: milliseconds(10),
  capacity: integer(1),
  slowCallMs: milliseconds(1),
  fallback: func,
  isFailure: func,
  onEvent: func,
  logger: that('a logger with error, warn and info', isLogger),
};

/** opossum's names of options that are called otherwise here. */
const MEANT = { errorFilter: 'isFailure', rollingCountTimeout: 'windowMs' };

/** The same options as opossum takes them. */
export function opossumOptions(options: Omit<CircuitBreakerOptions, 'fallback'>) {
  return {
    name: options.name,
    timeout: options.timeoutMs ?? 10_000,
    errorThresholdPercentage: options.errorThresholdPercentage ?? 50,
    volumeThreshold: options.volumeThreshold ?? 5,
    resetTimeout: options.resetTimeoutMs ?? 30_000,
    rollingCountTimeout: options.windowMs ?? 10_000,
    capacity: options.capacity ?? Number.MAX_SAFE_INTEGER,
    // Neither is shown anywhere: two timers and a sort less.
    rollingPercentilesEnabled: false,
    enableSnapshots: false,
  };
}

/**
 * @throws {TypeError} for a value of the wrong type, a missing name, an option that does not exist
 * @throws {RangeError} for a number out of its bounds
 */
export function checkBreakerOptions(action: unknown, options: unknown): void {
  func('action', action);
  checkOptions('options', options, TABLE, MEANT);
}
