// Opens, closes and forces a breaker by hand. opossum has no forced states.
import type { ObservedBreaker } from '../integrations/circuit/observed-breaker.js';
import type { Breaker } from '../integrations/circuit/opossum.js';

/** The longest delay of a timer: opossum cannot open without one. */
const NEVER_MS = 2 ** 31 - 1;

export class BreakerSwitch {
  readonly #breaker: Breaker;
  readonly #observed: ObservedBreaker;
  readonly #resetTimeoutMs: number;
  readonly #errorThresholdPercentage: number;
  #forced: 'open' | 'closed' | undefined;

  constructor(breaker: Breaker, observed: ObservedBreaker) {
    this.#breaker = breaker;
    this.#observed = observed;
    this.#resetTimeoutMs = breaker.options.resetTimeout ?? NEVER_MS;
    this.#errorThresholdPercentage = breaker.options.errorThresholdPercentage ?? 0;
    breaker.on('halfOpen', () => this.#onHalfOpen());
  }

  get forced(): 'open' | 'closed' | undefined {
    return this.#forced;
  }

  open(): void {
    if (!this.#release()) return;
    this.#breaker.open();
  }

  close(): void {
    if (!this.#release()) return;
    this.#breaker.close();
  }

  forceOpen(): void {
    if (!this.#release()) return;
    this.#forced = 'open';
    this.#breaker.options.resetTimeout = NEVER_MS;
    if (this.#breaker.opened) this.#restartTimer();
    else this.#forcing(() => this.#breaker.open());
  }

  forceClosed(): void {
    if (!this.#release()) return;
    this.#forced = 'closed';
    // A share can be no larger, so it never opens.
    this.#breaker.options.errorThresholdPercentage = Number.POSITIVE_INFINITY;
    this.#forcing(() => this.#breaker.close());
  }

  resume(): void {
    const wasForced = this.#forced;
    if (!this.#release() || wasForced !== 'open') return;
    this.#breaker.options.resetTimeout = 1;
    this.#restartTimer();
    this.#breaker.options.resetTimeout = this.#resetTimeoutMs;
  }

  /** False once it was shut down: opossum would come back to life, without its listeners. */
  #release(): boolean {
    if (this.#breaker.isShutdown) return false;
    this.#forced = undefined;
    this.#breaker.options.resetTimeout = this.#resetTimeoutMs;
    this.#breaker.options.errorThresholdPercentage = this.#errorThresholdPercentage;
    return true;
  }

  #onHalfOpen(): void {
    if (this.#forced === 'open') this.#silently(() => this.#breaker.open());
    else this.#observed.states.onHalfOpen();
  }

  #restartTimer(): void {
    this.#silently(() => {
      this.#breaker.close();
      this.#breaker.open();
    });
  }

  #forcing(change: () => void): void {
    this.#observed.states.isForcing = true;
    try {
      change();
    } finally {
      this.#observed.states.isForcing = false;
    }
  }

  #silently(change: () => void): void {
    this.#observed.states.isSilent = true;
    try {
      change();
    } finally {
      this.#observed.states.isSilent = false;
    }
  }
}
