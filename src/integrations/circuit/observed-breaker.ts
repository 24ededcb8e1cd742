// One opossum breaker under observation: what its events mean for counters, spans and reports.
import { keepTrace } from '../../context/trace-recording.js';
import type { ILogger } from '../../logging/logger.js';
import type { BreakerEvent } from './breaker-event.js';
import { BreakerStates } from './breaker-states.js';
import type { CircuitStats } from './circuit-stats.js';
import { classOf, FailedCalls } from './failed-calls.js';
import { EVENT_HALF_OPEN } from './names.js';
import type { Breaker } from './opossum.js';
import { readWindow, type WindowRates } from './opossum-window.js';
import {
  AT_CAPACITY,
  CACHED,
  CLOSED,
  FAILURE,
  HALF_OPEN,
  IGNORED,
  OPEN,
  OUTCOMES,
  REJECTED,
  SUCCESS,
  TIMED_OUTCOMES,
  TIMEOUT,
} from './outcome.js';
import { FailureTurn, OwnErrors } from './own-errors.js';
import { activeRecordingSpan, markSpan } from './span-marks.js';

/** Tells what happened to a breaker: log, span event, alert. */
export type Report = (event: BreakerEvent, observed: ObservedBreaker) => void;

/** A fallback that fails does so on every call while the breaker is open. */
const TELL_AFTER_MS = 60_000;

export class ObservedBreaker {
  readonly stats: CircuitStats;
  /** The breaker's own name; that of `stats` may stand for many. */
  readonly name: string;
  /** Milliseconds from which a call is slow. */
  slowCallMs: number;
  /** Gets every event; set by CircuitBreaker. */
  listener: ((event: BreakerEvent) => void) | undefined;
  /** Gets the log lines instead of the event log; set by CircuitBreaker. */
  logger: ILogger | undefined;
  /** Calls through this breaker, by outcome index. */
  readonly calls: number[] = OUTCOMES.map(() => 0);
  fallbacks = 0;
  readonly states: BreakerStates;

  readonly #breaker: Breaker;
  readonly #report: Report;
  readonly #failures = new FailedCalls();
  readonly #ownErrors = new OwnErrors();
  readonly #failureTurn = new FailureTurn();
  #fallbackFailureToldAt = Number.NEGATIVE_INFINITY;

  constructor(breaker: Breaker, name: string, stats: CircuitStats, slowCallMs: number, report: Report) {
    this.#breaker = breaker;
    this.name = name;
    this.stats = stats;
    this.slowCallMs = slowCallMs;
    this.#report = report;
    this.states = new BreakerStates({
      breaker,
      stats,
      name,
      failures: this.#failures,
      isFailing: () => this.#failureTurn.isOn,
      window: () => this.window,
      report: (event) => report(event, this),
    });
  }

  /** The rolling window as opossum has it. */
  get window(): WindowRates {
    return readWindow(this.#breaker, this.slowCallMs);
  }

  // What follows is called by own-listeners.ts, before opossum's own listener for the same event.
  // The first is the hot path.

  onSuccess(result: unknown, latencyMs: number): void {
    // An error that opossum's filter lets pass is emitted as `success`, with the error as the
    // result.
    if (!(result instanceof Error)) this.#ended(SUCCESS, latencyMs);
    else if (!this.#ownErrors.has(result)) this.#ended(IGNORED, latencyMs);
  }

  onFailure(error: unknown, latencyMs: number): void {
    this.#failureTurn.begin();
    if (this.#ownErrors.has(error)) return;
    this.#ended(FAILURE, latencyMs);
    this.#failures.add('failure', error, latencyMs);
  }

  onTimeout(error: unknown, latencyMs: number): void {
    this.#endedByItself(TIMEOUT, error, latencyMs);
  }

  onSemaphoreLocked(error: unknown, latencyMs: number): void {
    this.#endedByItself(AT_CAPACITY, error, latencyMs);
  }

  onReject(): void {
    keepTrace(activeRecordingSpan()?.spanContext(), 'circuit_open');
    this.#ended(REJECTED, 0);
  }

  onOpen(): void {
    // The call that opened it, where a call has.
    keepTrace(activeRecordingSpan()?.spanContext(), 'circuit_open');
    this.states.onOpen();
  }

  onCacheHit(): void {
    this.#ended(CACHED, 0);
  }

  onFallback(): void {
    this.fallbacks++;
    this.stats.fallbacks++;
  }

  /** Called by CircuitBreaker: opossum does not report it. At most once a minute. */
  onFallbackFailed(error: unknown): void {
    this.stats.fallbackFailures++;
    const now = Date.now();
    if (now - this.#fallbackFailureToldAt < TELL_AFTER_MS) return;
    this.#fallbackFailureToldAt = now;
    this.#report({ type: 'fallback_failed', name: this.name, at: new Date(now), error: classOf(error) }, this);
  }

  #endedByItself(outcome: number, error: unknown, latencyMs: number): void {
    this.#ownErrors.add(error);
    this.#ended(outcome, latencyMs);
    this.#failures.add(outcome === TIMEOUT ? 'timeout' : 'at_capacity', error, latencyMs);
  }

  #ended(outcome: number, latencyMs: number): void {
    this.calls[outcome] = (this.calls[outcome] ?? 0) + 1;
    const span = activeRecordingSpan();
    this.stats.ended(outcome, latencyMs, span);
    const breaker = this.#breaker;
    const state = breaker.closed ? CLOSED : breaker.halfOpen ? HALF_OPEN : OPEN;
    // A call that ran while it was half-open is the probe; its end is the first that we hear of it.
    if (state === HALF_OPEN && outcome < TIMED_OUTCOMES) {
      this.states.onHalfOpen();
      span?.addEvent(EVENT_HALF_OPEN, this.stats.spanName);
    }
    if (span !== undefined) markSpan(span, this.stats, state, outcome);
  }
}
