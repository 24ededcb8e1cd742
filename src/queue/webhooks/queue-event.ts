// What WebhookQueue tells its operator: to `onEvent`, as a log line, as a metric. No payloads, no messages of the app's errors.
import { type Attributes, type Counter, metrics, trace } from '@opentelemetry/api';
import { type EventLevel, logEvent } from '../../sdk/event-log.js';
import { ATTR_DESTINATION, ATTR_MESSAGE_ID, ATTR_MODE, ATTR_REASON, EVENT_DEGRADED, METRIC_DEGRADED } from '../names.js';
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

const LEVELS: Readonly<Record<QueueEvent['type'], EventLevel>> = {
  degraded: 'warn',
  recovered: 'info',
  dead: 'error',
  stalled: 'warn',
  replayed: 'info',
};

const MESSAGES: Readonly<Record<QueueEvent['type'], string>> = {
  degraded: 'Redis did not take a webhook',
  recovered: 'Redis takes webhooks again',
  dead: 'A webhook has no attempts left and is a dead letter',
  stalled: 'A worker lost its hold on a webhook',
  replayed: 'A dead letter was put back into the queue',
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
    logEvent({
      level: LEVELS[event.type],
      name: `sietch.queue.${event.type}`,
      message: MESSAGES[event.type],
      attributes: attributesOf(event),
    });
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

function attributesOf(event: QueueEvent): Attributes {
  const { type: _type, queue, ...rest } = event;
  const attributes: Attributes = { [ATTR_DESTINATION]: queue };
  for (const [key, value] of Object.entries(rest)) attributes[key === 'jobId' ? ATTR_MESSAGE_ID : `sietch.queue.${snake(key)}`] = value;
  return attributes;
}

function snake(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
