// Reports the events of a WebhookQueue: to `onEvent`, as log lines and as metrics. No payloads, no
// messages of the app's errors.
import { type Attributes, type Counter, metrics, trace } from '@opentelemetry/api';
import { createInstrument } from '../config/metric.js';
import {
  ATTR_ATTEMPTS,
  ATTR_CLOCK_SKEW_MS,
  ATTR_DEGRADED_EVENTS,
  ATTR_DEGRADED_MS,
  ATTR_DESTINATION,
  ATTR_DETAIL,
  ATTR_ERROR_TYPE,
  ATTR_EVENT_ID,
  ATTR_EVENT_MODE,
  ATTR_EVENT_REASON,
  ATTR_HAS_RUN,
  ATTR_MESSAGE_ID,
  ATTR_MODE,
  ATTR_POSTPONEMENTS,
  ATTR_REASON,
  ATTR_TRACE_ID,
  EVENT_CLOCK_SKEW,
  EVENT_DEAD,
  EVENT_DEGRADED,
  EVENT_LATE_QUERY,
  EVENT_POSTPONED,
  EVENT_RECOVERED,
  EVENT_REPLAYED,
  EVENT_STALLED,
  EVENT_UNSAFE_STORE,
  METRIC_DEGRADED,
  METRIC_POSTPONED,
} from '../integrations/queue/names.js';
import { type EventLevel, logEvent } from '../logging/event-log.js';
import type { ClaimError } from './claims.js';
import type { FailureReason } from './store-failure.js';

/** Outcome of a degraded event. */
export type DegradedMode = 'spill' | 'direct' | 'rejected';

/**
 * Reason why Redis may lose acknowledged webhooks. `unknown`: Redis does not say how it is
 * configured.
 */
export type UnsafeReason = 'evicts' | 'no_append_only_file' | 'unknown';

/** Argument of `onEvent`. */
export type QueueEvent =
  /** Redis did not take an event. */
  | {
      readonly type: 'degraded';
      readonly queue: string;
      readonly eventId: string;
      readonly reason: FailureReason;
      readonly mode: DegradedMode;
    }
  /** Redis takes events again. */
  | { readonly type: 'recovered'; readonly queue: string; readonly degradedMs: number; readonly degradedEvents: number }
  /** An event has no attempts left. May be reported twice after a crash. */
  | {
      readonly type: 'dead';
      readonly queue: string;
      readonly eventId: string;
      readonly errorType: string;
      readonly attempts: number;
      readonly traceId: string | undefined;
    }
  /**
   * The claim store could not serve an attempt, which does not count: the event waits. `count`: how
   * often it has.
   */
  | {
      readonly type: 'postponed';
      readonly queue: string;
      readonly eventId: string;
      readonly reason: ClaimError['reason'];
      /** The processor had run: what it did outside of its transaction it does again. */
      readonly hasRun: boolean;
      readonly count: number;
    }
  /**
   * A processor used its transaction after its attempt: it did not wait for all its work. Reported
   * once for each attempt.
   */
  | { readonly type: 'late_query'; readonly queue: string; readonly eventId: string }
  /** Redis may lose what it acknowledges. `detail`: its configuration. Reported when it begins. */
  | { readonly type: 'unsafe_store'; readonly queue: string; readonly reason: UnsafeReason; readonly detail: string }
  /** A worker lost its hold on a job: it died or was blocked. */
  | { readonly type: 'stalled'; readonly queue: string; readonly jobId: string }
  /**
   * This process's clock is ahead of Redis's by `skewMs`, or behind where it is negative: over a
   * minute. Reported when it begins.
   */
  | { readonly type: 'clock_skew'; readonly queue: string; readonly skewMs: number }
  /** A dead letter was put back. */
  | { readonly type: 'replayed'; readonly queue: string; readonly eventId: string };

/** Name, level and message of each event's log line. */
const LOGGED: Readonly<Record<QueueEvent['type'], { readonly name: string; readonly level: EventLevel; readonly message: string }>> = {
  degraded: { name: EVENT_DEGRADED, level: 'warn', message: 'Redis did not take a webhook' },
  recovered: { name: EVENT_RECOVERED, level: 'info', message: 'Redis takes webhooks again' },
  dead: { name: EVENT_DEAD, level: 'error', message: 'A webhook has no attempts left and is a dead letter' },
  postponed: { name: EVENT_POSTPONED, level: 'warn', message: 'The claim store could not serve a webhook, which waits for it' },
  late_query: { name: EVENT_LATE_QUERY, level: 'error', message: 'A processor used its transaction after its attempt had ended' },
  unsafe_store: { name: EVENT_UNSAFE_STORE, level: 'error', message: 'Redis may lose webhooks that it has acknowledged' },
  stalled: { name: EVENT_STALLED, level: 'warn', message: 'A worker lost its hold on a webhook' },
  clock_skew: { name: EVENT_CLOCK_SKEW, level: 'error', message: "This process's clock and Redis's disagree by over a minute" },
  replayed: { name: EVENT_REPLAYED, level: 'info', message: 'A dead letter was put back into the queue' },
};

/** Shortest time between two lines about postponed events. */
const POSTPONED_LINE_MS = 10_000;

export class QueueEvents {
  readonly #onEvent: ((event: QueueEvent) => void) | undefined;
  readonly #degraded: Counter;
  readonly #postponed: Counter;
  #nextPostponedLine = 0;

  constructor(onEvent: ((event: QueueEvent) => void) | undefined) {
    this.#onEvent = onEvent;
    const meter = metrics.getMeter('@sietch/otel/queue');
    this.#degraded = createInstrument(meter, METRIC_DEGRADED);
    this.#postponed = createInstrument(meter, METRIC_POSTPONED);
  }

  notify(event: QueueEvent): void {
    if (event.type === 'degraded') this.#countDegraded(event.queue, event.reason, event.mode);
    if (event.type === 'postponed') this.#postponed.add(1, { [ATTR_DESTINATION]: event.queue, [ATTR_REASON]: event.reason });
    if (event.type !== 'postponed' || this.#isPostponedLineDue()) logEvent({ ...LOGGED[event.type], attributes: attributesOf(event) });
    try {
      const result: unknown = this.#onEvent?.(event);
      if (result instanceof Promise) result.catch(() => {});
    } catch {
      // The listener's own problem: the event goes its way.
    }
  }

  /** While the store is away every waiting event is postponed: the counter has them all. */
  #isPostponedLineDue(): boolean {
    const now = performance.now();
    if (now < this.#nextPostponedLine) return false;
    this.#nextPostponedLine = now + POSTPONED_LINE_MS;
    return true;
  }

  #countDegraded(queue: string, reason: FailureReason, mode: DegradedMode): void {
    this.#degraded.add(1, { [ATTR_DESTINATION]: queue, [ATTR_REASON]: reason, [ATTR_MODE]: mode });
    trace.getActiveSpan()?.addEvent(EVENT_DEGRADED, { [ATTR_REASON]: reason, [ATTR_MODE]: mode });
  }
}

/** Field of an event → attribute of its log record. */
const ATTRIBUTES: Readonly<Record<string, string>> = {
  queue: ATTR_DESTINATION,
  jobId: ATTR_MESSAGE_ID,
  eventId: ATTR_EVENT_ID,
  reason: ATTR_EVENT_REASON,
  mode: ATTR_EVENT_MODE,
  hasRun: ATTR_HAS_RUN,
  count: ATTR_POSTPONEMENTS,
  errorType: ATTR_ERROR_TYPE,
  attempts: ATTR_ATTEMPTS,
  detail: ATTR_DETAIL,
  traceId: ATTR_TRACE_ID,
  skewMs: ATTR_CLOCK_SKEW_MS,
  degradedMs: ATTR_DEGRADED_MS,
  degradedEvents: ATTR_DEGRADED_EVENTS,
};

function attributesOf(event: QueueEvent): Attributes {
  const attributes: Attributes = {};
  for (const [field, value] of Object.entries(event)) {
    const name = ATTRIBUTES[field];
    if (name !== undefined) attributes[name] = value;
  }
  return attributes;
}
