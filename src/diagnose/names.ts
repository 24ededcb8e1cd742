// What the distribution says about itself: the metrics of its own queues, and what is recorded of an error that ends the process.
import type { EmittedName } from '../config/emitted-name.js';

export const METRIC_MADE = 'sietch.otel.made';
export const METRIC_SENT = 'sietch.otel.sent';
export const METRIC_DROPPED = 'sietch.otel.dropped';
export const METRIC_EXPORT_FAILURES = 'sietch.otel.export.failures';
export const METRIC_QUEUE_FILL = 'sietch.otel.queue.fill';
/** `spans` or `logs`. */
export const ATTR_SIGNAL = 'sietch.otel.signal';
/** Why something was dropped; the values are the type DropCause. */
export const ATTR_DROP_CAUSE = 'sietch.otel.drop.cause';
export const SPAN_UNCAUGHT = 'uncaught error';
export const EVENT_EXCEPTION = 'exception';
/** `uncaughtException` or `unhandledRejection`, as Node names it. */
export const ATTR_UNCAUGHT_ORIGIN = 'sietch.uncaught.origin';

const SIGNAL = [ATTR_SIGNAL] as const;

export const sdkNames: readonly EmittedName[] = [
  {
    type: 'metric',
    name: METRIC_MADE,
    instrument: 'observable counter',
    unit: '{item}',
    attributes: SIGNAL,
    meaning: 'Sampled spans that ended and log records that were emitted.',
  },
  {
    type: 'metric',
    name: METRIC_SENT,
    instrument: 'observable counter',
    unit: '{item}',
    attributes: SIGNAL,
    meaning: 'Of them, those that the collector accepted.',
  },
  {
    type: 'metric',
    name: METRIC_DROPPED,
    instrument: 'observable counter',
    unit: '{item}',
    attributes: [ATTR_SIGNAL, ATTR_DROP_CAUSE],
    meaning: 'Of them, those given up.',
  },
  {
    type: 'metric',
    name: METRIC_EXPORT_FAILURES,
    instrument: 'observable counter',
    unit: '{request}',
    attributes: SIGNAL,
    meaning: 'Exports that failed; those that may succeed later are tried again.',
  },
  {
    type: 'metric',
    name: METRIC_QUEUE_FILL,
    instrument: 'observable gauge',
    unit: '1',
    attributes: SIGNAL,
    meaning: 'How full the queue is, in items or bytes, whichever is fuller: 0 empty, 1 full.',
  },
  {
    type: 'attribute',
    name: ATTR_SIGNAL,
    meaning: 'What is counted: `spans`, `logs`, `metric exports`, or `data points` (those of an export that the collector refused).',
  },
  {
    type: 'attribute',
    name: ATTR_DROP_CAUSE,
    meaning: '`queue_full`, `queue_bytes`, `refused` (by the collector), `unencodable`, `exit` (no time left) or `shut_down`.',
  },
  {
    type: 'span',
    name: SPAN_UNCAUGHT,
    kind: 'INTERNAL',
    meaning: 'An error that nobody caught, where no span was active to record it on.',
  },
  {
    type: 'event',
    name: EVENT_EXCEPTION,
    meaning: 'On the active span and as a log record: an error that nobody caught, with its type and its stack without the message.',
  },
  { type: 'attribute', name: ATTR_UNCAUGHT_ORIGIN, meaning: '`uncaughtException` or `unhandledRejection`.' },
];
