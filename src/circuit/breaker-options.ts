// The options of a CircuitBreaker: where they meet their defaults, and what is wrong with wrong ones.
import type { ILogger } from '../logging/logger.js';
import type { BreakerEvent } from './breaker-event.js';

export interface CircuitBreakerOptions<Args extends unknown[] = unknown[], Fallback = unknown> {
  /** Names the metrics and log lines: `paddle` gives `sietch_paddle_circuit_state`. */
  readonly name: string;
  /** A call that takes longer fails, and its `signal` is aborted. Milliseconds, at least 1. Default 10000. */
  readonly timeoutMs?: number | undefined;
  /** The breaker opens when more than this share of the calls in the window failed. 0 to 100 (which is never). Default 50. */
  readonly errorThresholdPercentage?: number | undefined;
  /** Calls there must have been in the window before it can open: one failure at night must not. At least 1. Default 5. */
  readonly volumeThreshold?: number | undefined;
  /** How long it stays open before the next call is let through to try. Milliseconds, at least 1. Default 30000. */
  readonly resetTimeoutMs?: number | undefined;
  /** Length of the rolling window. Milliseconds, at least 10. Default 10000. */
  readonly windowMs?: number | undefined;
  /** Calls that may be under way at once; further ones fail. At least 1. Default no limit. */
  readonly capacity?: number | undefined;
  /** A call that takes at least this long counts in the slow-call rate. Milliseconds. Default `SIETCH_OTEL_CIRCUIT_SLOW_CALL_MS`. */
  readonly slowCallMs?: number | undefined;
  /**
   * Answers in place of a call that failed, timed out or was not let through; gets its error, then its arguments. Not called for errors that do not
   * count. What it throws is what the caller gets, and is logged.
   */
  readonly fallback?: ((error: unknown, ...args: NoInfer<Args>) => Fallback | PromiseLike<Fallback>) | undefined;
  /** Whether an error of the action counts. Default: each one does. An HTTP 404 is hardly the other side's failure. */
  readonly isFailure?: ((error: unknown) => boolean) | undefined;
  /** Told of each change of state. What it throws is ignored but for a warning. */
  readonly onEvent?: ((event: BreakerEvent) => void) | undefined;
  /** Gets the log lines about the breaker. Default: the event log of the distribution. */
  readonly logger?: ILogger | undefined;
}

const MAX_MS = 2 ** 31 - 1;

interface Bounds {
  min: number;
  max: number;
  isInteger: boolean;
}

const NUMBERS = {
  timeoutMs: { min: 1, max: MAX_MS, isInteger: true },
  errorThresholdPercentage: { min: 0, max: 100, isInteger: false },
  volumeThreshold: { min: 1, max: Number.MAX_SAFE_INTEGER, isInteger: true },
  resetTimeoutMs: { min: 1, max: MAX_MS, isInteger: true },
  windowMs: { min: 10, max: MAX_MS, isInteger: true },
  capacity: { min: 1, max: Number.MAX_SAFE_INTEGER, isInteger: true },
  slowCallMs: { min: 1, max: MAX_MS, isInteger: true },
} as const satisfies Record<string, Bounds>;

const FUNCTIONS = ['fallback', 'isFailure', 'onEvent'] as const;
const KNOWN = new Set<string>(['name', 'logger', ...FUNCTIONS, ...Object.keys(NUMBERS)]);

/** What opossum shall be given. */
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
export function checkOptions(action: unknown, options: unknown): void {
  checkFunction('action', action);
  if (typeof options !== 'object' || options === null) throw expected('options', 'an object', options, TypeError);
  for (const key of Object.keys(options)) if (!KNOWN.has(key)) throw unknownOption(key);
  const read = (key: string): unknown => Reflect.get(options, key);
  const name = read('name');
  if (typeof name !== 'string' || name.trim() === '') throw expected('name', 'a string that is not empty', name, TypeError);
  for (const key of FUNCTIONS) if (read(key) !== undefined) checkFunction(key, read(key));
  if (read('logger') !== undefined) checkLogger(read('logger'));
  for (const [key, bounds] of Object.entries(NUMBERS)) checkNumber(key, read(key), bounds);
}

function checkNumber(key: string, value: unknown, { min, max, isInteger }: Bounds): void {
  if (value === undefined) return;
  const kind = isInteger ? 'an integer' : 'a number';
  const range = max >= MAX_MS ? `of at least ${min}` : `from ${min} to ${max}`;
  if (typeof value !== 'number') throw expected(key, `${kind} ${range}`, value, TypeError);
  if (!(value >= min && value <= max) || (isInteger && !Number.isInteger(value)))
    throw expected(key, `${kind} ${range}`, value, RangeError);
}

function checkFunction(key: string, value: unknown): void {
  if (typeof value !== 'function') throw expected(key, 'a function', value, TypeError);
}

function checkLogger(logger: unknown): void {
  const isLogger = typeof logger === 'object' && logger !== null && typeof Reflect.get(logger, 'error') === 'function';
  if (!isLogger) throw expected('logger', 'a logger with error, warn and info', logger, TypeError);
}

function expected(key: string, what: string, value: unknown, kind: typeof TypeError | typeof RangeError): Error {
  const shown = typeof value === 'string' || typeof value === 'number' ? `\`${String(value).slice(0, 60)}\` ` : '';
  return new kind(`Expected \`${key}\` to be ${what}, got ${shown}(${value === null ? 'null' : typeof value})`);
}

function unknownOption(key: string): Error {
  const meant = [`${key}Ms`, { errorFilter: 'isFailure', rollingCountTimeout: 'windowMs' }[key]].find(
    (word) => word !== undefined && KNOWN.has(word),
  );
  return new TypeError(`Expected no option \`${key}\`${meant === undefined ? '' : `; there is \`${meant}\``}`);
}
