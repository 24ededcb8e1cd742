// The names of what the distribution reports about itself: metrics of its own queues, and the
// record of an uncaught error, and the time in which the event loop was blocked.
import type { EmittedName } from '../config/emitted-name.js';
import { defineMetric } from '../config/metric.js';

/** `spans`, `logs` or `metric exports`. */
export const ATTR_SIGNAL = 'sietch.otel.signal';
export const SPAN_UNCAUGHT = 'uncaught error';
export const EVENT_EXCEPTION = 'exception';
/** `uncaughtException` or `unhandledRejection`, as Node names it. */
export const ATTR_UNCAUGHT_ORIGIN = 'sietch.uncaught.origin';
export const ATTR_EVENT_LOOP_BLOCKED = 'sietch.event_loop.blocked';

const SIGNAL = [ATTR_SIGNAL] as const;

export const METRIC_EXPORT_FAILURES = defineMetric({
  name: 'sietch.otel.export.failures',
  instrument: 'observable counter',
  unit: '{request}',
  attributes: SIGNAL,
  meaning: 'Exports that failed; those that may succeed later are tried again.',
});

export const METRIC_QUEUE_FILL = defineMetric({
  name: 'sietch.otel.queue.fill',
  instrument: 'observable gauge',
  unit: '1',
  attributes: SIGNAL,
  meaning: 'How full the queue is, in items or bytes, whichever is fuller: 0 empty, 1 full.',
});

export const sdkNames: readonly EmittedName[] = [
  METRIC_EXPORT_FAILURES,
  METRIC_QUEUE_FILL,
  {
    type: 'attribute',
    name: ATTR_SIGNAL,
    meaning: 'What is counted: `spans`, `logs` or `metric exports`.',
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
  {
    type: 'attribute',
    name: ATTR_EVENT_LOOP_BLOCKED,
    meaning:
      'Seconds of a span in which the event loop of the process was blocked, in blocks of at least `SIETCH_OTEL_EVENT_LOOP_BLOCKS_MS`; on spans of all kinds.',
  },
  { type: 'attribute', name: ATTR_UNCAUGHT_ORIGIN, meaning: '`uncaughtException` or `unhandledRejection`.' },
];
