// The states that a breaker goes through: when each was entered, why, and whether that is reported.
import type { BreakerEvent, OpenReason } from './breaker-event.js';
import type { CircuitStats } from './circuit-stats.js';
import type { FailedCalls } from './failed-calls.js';
import type { Breaker } from './opossum.js';
import type { WindowRates } from './opossum-window.js';
import { CLOSED, HALF_OPEN, OPEN } from './outcome.js';

export interface BreakerStatesParts {
  readonly breaker: Breaker;
  readonly stats: CircuitStats;
  /** The breaker's own. */
  readonly name: string;
  readonly failures: FailedCalls;
  /** Whether a failure is being emitted, which is then what opens it. */
  readonly isFailing: () => boolean;
  readonly window: () => WindowRates;
  readonly report: (event: BreakerEvent) => void;
}

export class BreakerStates {
  /** When the next call will be let through, of a breaker that is open. */
  nextProbeAt: Date | undefined;
  /** Set while somebody forces a change of state, which is then the reason. */
  isForcing = false;
  /**
   * Changes of state are neither counted nor reported: they are steps of one operation of
   * CircuitBreaker.
   */
  isSilent = false;
  readonly #parts: BreakerStatesParts;
  /** The last one we know of; half-open is noticed by the next call or collection. */
  #known = CLOSED;
  #openedAtMs = 0;

  constructor(parts: BreakerStatesParts) {
    this.#parts = parts;
  }

  /** Index of the state it is in; undefined once the breaker was shut down. */
  get current(): number | undefined {
    const { breaker } = this.#parts;
    if (breaker.closed) return CLOSED;
    if (breaker.isShutdown) return undefined;
    if (!breaker.halfOpen) return OPEN;
    this.onHalfOpen();
    return HALF_OPEN;
  }

  /** When it opened, where it is not closed. */
  get openedAt(): Date | undefined {
    return this.#known === CLOSED ? undefined : new Date(this.#openedAtMs);
  }

  onOpen(): void {
    const { breaker, failures, name, report, window } = this.#parts;
    const wasProbing = this.#known === HALF_OPEN;
    if (this.#known === CLOSED) this.#openedAtMs = Date.now();
    this.#enter(OPEN);
    const { rollingCountTimeout = 10_000, resetTimeout = 30_000 } = breaker.options;
    this.nextProbeAt = this.isForcing ? undefined : new Date(Date.now() + resetTimeout);
    if (this.isSilent) return;
    const rates = window();
    report({
      type: 'open',
      name,
      at: new Date(),
      reason: this.#openReason(wasProbing),
      failureRate: rates.calls === 0 ? 0 : rates.failures / rates.calls,
      failures: failures.within(rollingCountTimeout),
      nextProbeAt: this.nextProbeAt,
    });
  }

  onClose(): void {
    const { failures, name, report } = this.#parts;
    const probed = this.#known === HALF_OPEN;
    const openForMs = this.#known === CLOSED ? 0 : Date.now() - this.#openedAtMs;
    this.#enter(CLOSED);
    failures.clear();
    if (this.isSilent) return;
    const reason = this.isForcing ? 'forced' : probed ? 'probe_succeeded' : 'manual';
    report({ type: 'close', name, at: new Date(), reason, openForMs });
  }

  /**
   * Called when it is seen to be half-open: by CircuitBreaker at once, else by the next call or
   * collection.
   */
  onHalfOpen(): void {
    if (this.#known === HALF_OPEN) return;
    this.#enter(HALF_OPEN);
    if (!this.isSilent) this.#parts.report({ type: 'half_open', name: this.#parts.name, at: new Date() });
  }

  #openReason(wasProbing: boolean): OpenReason {
    if (this.isForcing) return 'forced';
    const { breaker, isFailing, window } = this.#parts;
    if (isFailing()) return wasProbing ? 'probe_failed' : 'failure_rate';
    return breaker.options.state !== undefined && window().fires === 0 ? 'restored' : 'manual';
  }

  #enter(state: number): void {
    this.#known = state;
    if (!this.isSilent) this.#parts.stats.transitioned(state);
  }
}
