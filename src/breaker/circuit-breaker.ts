// CircuitBreaker: opossum with safe defaults, a signal for each call, and a reason for each
// opening.
import { warn } from '../diagnose/diagnostics.js';
import { classOf } from '../integrations/circuit/failed-calls.js';
import type { ObservedBreaker } from '../integrations/circuit/observed-breaker.js';
import type { Breaker } from '../integrations/circuit/opossum.js';
import { clearWindow } from '../integrations/circuit/opossum-window.js';
import { STATE_VALUES } from '../integrations/circuit/outcome.js';
import { type BreakerCall, OwnCall } from './breaker-call.js';
import { CircuitBreakerError, type CircuitBreakerErrorCode } from './breaker-error.js';
import type { BreakerMetrics, BreakerState } from './breaker-metrics.js';
import { type CircuitBreakerOptions, checkBreakerOptions, opossumOptions } from './breaker-options.js';
import { BreakerSwitch } from './breaker-switch.js';
import { createObservedOpossum } from './observed-opossum.js';
import { readMetrics, readState } from './read-metrics.js';

/**
 * The protected function. Its first argument has the AbortSignal of the call; the others are those
 * of `fire`.
 */
export type BreakerAction<Args extends unknown[], Result> = (call: BreakerCall, ...args: Args) => Result | PromiseLike<Result>;

/**
 * Calls its action while that succeeds, and rejects at once while it fails too often.
 *
 * @example
 * const paddleApi = new CircuitBreaker(({ signal }, id: string) => getCustomer(id, { signal }), {
 *   name: 'paddle',
 *   fallback: () => undefined,
 * });
 * const customer = await paddleApi.fire('ctm_01');
 */
export class CircuitBreaker<Args extends unknown[], Result, Fallback = never> {
  readonly name: string;
  readonly #breaker: Breaker;
  readonly #observed: ObservedBreaker;
  readonly #switch: BreakerSwitch;
  readonly #call: (call: OwnCall<Args>) => Promise<Result | Fallback>;
  /** The CircuitBreakerError that callers get in place of each of opossum's errors. */
  readonly #errors = new WeakMap<object, CircuitBreakerError>();

  /**
   * @throws {TypeError} for an argument of the wrong type, a missing name, an option that does not
   * exist
   * @throws {RangeError} for a number out of its bounds
   * @throws {Error} with code `SIETCH_CIRCUIT_NO_OPOSSUM` when the package opossum is not installed
   */
  constructor(action: BreakerAction<Args, Result>, options: CircuitBreakerOptions<Args, Fallback>) {
    checkBreakerOptions(action, options);
    this.name = options.name;
    const run = async (call: OwnCall<Args>): Promise<Result | Fallback> => action(call, ...call.args);
    const made = createObservedOpossum(run, { ...opossumOptions(options), errorFilter: this.#errorFilter(options.isFailure) });
    this.#breaker = made.breaker;
    this.#observed = made.observed;
    this.#call = made.fire;
    this.#observed.listener = options.onEvent;
    this.#observed.logger = options.logger;
    this.#observed.slowCallMs = options.slowCallMs ?? this.#observed.slowCallMs;
    this.#switch = new BreakerSwitch(this.#breaker, this.#observed);
    this.#translateErrors();
    // opossum keeps the failures from before the recovery: the first one after it would open the
    // breaker again.
    this.#breaker.on('close', () => clearWindow(this.#breaker));
    if (options.fallback !== undefined) this.#fallBackTo(options.fallback);
  }

  /**
   * Calls the action. Rejects with the action's error, or with a CircuitBreakerError when the
   * breaker is open, the call timed out, too many are under way, or the breaker was shut down;
   * where there is a fallback, resolves with its answer instead (but for a breaker that was shut
   * down).
   */
  fire(...args: Args): Promise<Result | Fallback> {
    if (this.#breaker.isShutdown) return Promise.reject(this.#error('SIETCH_CIRCUIT_SHUTDOWN', 'was shut down'));
    return this.#call(new OwnCall(args)).catch(this.#rethrow);
  }

  get state(): BreakerState {
    return readState(this.#observed);
  }

  /**
   * 0 closed, 0.5 half-open, 1 open, as in `sietch_<name>_circuit_state`; NaN once it was shut
   * down.
   */
  getPrometheusState(): number {
    return STATE_VALUES[this.#observed.states.current ?? -1] ?? Number.NaN;
  }

  getMetrics(): BreakerMetrics {
    return readMetrics(this.#observed, this.#switch.forced);
  }

  /** Opens it; the next call is let through after `resetTimeoutMs`. Ends a forced state. */
  open(): void {
    this.#switch.open();
  }

  /** Closes it, with an empty window. Ends a forced state. */
  close(): void {
    this.#switch.close();
  }

  /**
   * Opens it and keeps it open, until `resume()`, `open()` or `close()`: for maintenance on the
   * other side.
   */
  forceOpen(): void {
    this.#switch.forceOpen();
  }

  /**
   * Closes it and keeps it closed, however many calls fail, until `resume()`, `open()` or
   * `close()`. Timeouts and capacity still hold.
   */
  forceClosed(): void {
    this.#switch.forceClosed();
  }

  /** Ends a forced state: from forced open, the next call is let through to try. */
  resume(): void {
    this.#switch.resume();
  }

  /**
   * Ends it for good: every further call rejects, its timers stop, it leaves the metrics. Calls
   * under way end as they would.
   */
  shutdown(): void {
    this.#breaker.shutdown();
  }

  /**
   * opossum's filter, true for errors that do not count. If it threw, opossum would leave the call
   * pending for ever.
   */
  #errorFilter(isFailure: ((error: unknown) => boolean) | undefined): (error: unknown) => boolean {
    if (isFailure === undefined) return () => false;
    return (error) => {
      if (this.#isOwn(error)) return false;
      try {
        return !isFailure(error);
      } catch (thrown) {
        warn('SIETCH074', `${classOf(thrown)} in ${this.name}`);
        return false;
      }
    };
  }

  #fallBackTo(fallback: NonNullable<CircuitBreakerOptions<Args, Fallback>['fallback']>): void {
    this.#breaker.fallback(async (call: OwnCall<Args>, error: unknown) => {
      try {
        return await fallback(this.#translated(error), ...call.args);
      } catch (thrown) {
        this.#observed.onFallbackFailed(thrown);
        throw thrown;
      }
    });
  }

  #translateErrors(): void {
    const { timeout } = this.#breaker.options;
    this.#breaker.on('timeout', (error: Error, _latencyMs?: number, args: readonly unknown[] = []) => {
      const own = this.#error('SIETCH_CIRCUIT_TIMEOUT', `ended the call: timeout of ${timeout} ms`);
      this.#errors.set(error, own);
      const [call] = args;
      if (call instanceof OwnCall) call.abort(own);
    });
    this.#breaker.on('reject', (error) => {
      const { nextProbeAt } = this.#observed.states;
      this.#errors.set(error, this.#error('SIETCH_CIRCUIT_OPEN', 'is open', nextProbeAt));
    });
    this.#breaker.on('semaphoreLocked', (error) => {
      this.#errors.set(error, this.#error('SIETCH_CIRCUIT_AT_CAPACITY', 'is at capacity'));
    });
  }

  #error(code: CircuitBreakerErrorCode, message: string, nextProbeAt?: Date): CircuitBreakerError {
    return new CircuitBreakerError(code, this.name, message, nextProbeAt);
  }

  #isOwn(error: unknown): boolean {
    return typeof error === 'object' && error !== null && this.#errors.has(error);
  }

  #translated(error: unknown): unknown {
    return (typeof error === 'object' && error !== null && this.#errors.get(error)) || error;
  }

  readonly #rethrow = (error: unknown): never => {
    throw this.#translated(error);
  };
}
