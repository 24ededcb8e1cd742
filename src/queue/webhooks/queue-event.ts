// What WebhookQueue tells its operator: to `onEvent`, as a log line, as a metric. No payloads, no messages of the app's errors.
import { type Attributes, type Counter, metrics, trace } from '@opentelemetry/api';
import { type EventLevel, logEvent } from '../../sdk/event-log.js';
import {
  ATTR_ATTEMPTS,
  ATTR_DEGRADED_EVENTS,
  ATTR_DEGRADED_MS,
  ATTR_DESTINATION,
  ATTR_ERROR_TYPE,
  ATTR_EVENT_ID,
  ATTR_EVENT_MODE,
  ATTR_EVENT_REASON,
  ATTR_MESSAGE_ID,
  ATTR_MODE,
  ATTR_REASON,
  ATTR_TRACE_ID,
  EVENT_DEAD,
  EVENT_DEGRADED,
  EVENT_RECOVERED,
  EVENT_REPLAYED,
  EVENT_STALLED,
  METRIC_DEGRADED,
} from '../names.js';
import { describe } from '../queue-metrics.js';
import type { FailureReason } from './store-failure.js';

/** How a degraded event was served. */
export type DegradedMode = 'spill' | 'direct' | 'rejected';

/** Told to `onEvent`. */
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
  /** An event has no attempts left. May be told twice after a crash. */
  | {
      readonly type: 'dead';
      readonly queue: string;
      readonly eventId: string;
      readonly errorType: string;
      readonly attempts: number;
      readonly traceId: string | undefined;
    }
  /** A worker lost its hold on a job: it died or was blocked. */
  | { readonly type: 'stalled'; readonly queue: string; readonly jobId: string }
  /** A dead letter was put back. */
  | { readonly type: 'replayed'; readonly queue: string; readonly eventId: string };

/** How each event is logged. */
const LOGGED: Readonly<Record<QueueEvent['type'], { readonly name: string; readonly level: EventLevel; readonly message: string }>> = {
  degraded: { name: EVENT_DEGRADED, level: 'warn', message: 'Redis did not take a webhook' },
  recovered: { name: EVENT_RECOVERED, level: 'info', message: 'Redis takes webhooks again' },
  dead: { name: EVENT_DEAD, level: 'error', message: 'A webhook has no attempts left and is a dead letter' },
  stalled: { name: EVENT_STALLED, level: 'warn', message: 'A worker lost its hold on a webhook' },
  replayed: { name: EVENT_REPLAYED, level: 'info', message: 'A dead letter was put back into the queue' },
};

export class QueueEvents {
  readonly #onEvent: ((event: QueueEvent) => void) | undefined;
  readonly #degraded: Counter;

  constructor(onEvent: ((event: QueueEvent) => void) | undefined) {
    this.#onEvent = onEvent;
    this.#degraded = metrics.getMeter('@sietch/otel/queue').createCounter(METRIC_DEGRADED, describe(METRIC_DEGRADED));
  }

  tell(event: QueueEvent): void {
    if (event.type === 'degraded') this.#countDegraded(event.queue, event.reason, event.mode);
    logEvent({ ...LOGGED[event.type], attributes: attributesOf(event) });
    try {
      const result: unknown = this.#onEvent?.(event);
      if (result instanceof Promise) result.catch(() => {});
    } catch {
      // The listener's own problem: the event goes its way.
    }
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
  errorType: ATTR_ERROR_TYPE,
  attempts: ATTR_ATTEMPTS,
  traceId: ATTR_TRACE_ID,
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
