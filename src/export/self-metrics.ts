// The distribution's metrics about its own spans, queues and exporters. Read at collection; to the
// path of a span nothing is added but numbers.
import { type Attributes, type BatchObservableResult, type Meter, metrics, type Observable } from '@opentelemetry/api';
import { createInstrument } from '../config/metric.js';
import { HAS_NAMES_OF_0_1 } from '../config/renamed-names.js';
import { ATTR_SIGNAL, METRIC_EXPORT_FAILURES, METRIC_QUEUE_FILL } from '../diagnose/names.js';
import { PARENT_ORIGINS, SAMPLING_RESULTS, type SpanCounts } from '../sdk/trace/span-counts.js';
import { measureQueuesAsBefore } from './earlier-self-metrics.js';
import type { AnyQueue } from './export-queue.js';
import {
  ATTR_COMPONENT_NAME,
  ATTR_COMPONENT_TYPE,
  ATTR_ERROR_TYPE,
  ATTR_HTTP_STATUS,
  ATTR_PARENT_ORIGIN,
  ATTR_SAMPLING_RESULT,
  ATTR_SERVER_ADDRESS,
  ATTR_SERVER_PORT,
  EXPORTER_METRICS,
  METRIC_LOG_CREATED,
  METRIC_OPERATION_DURATION,
  METRIC_SPAN_LIVE,
  METRIC_SPAN_STARTED,
  PROCESSOR_METRICS,
} from './names.js';

/** By what a queue holds: the last part of the conventions' names, and the type of its processor. */
const SIGNALS: Readonly<
  Record<string, { readonly exporter: keyof typeof EXPORTER_METRICS; readonly processor?: keyof typeof PROCESSOR_METRICS }>
> = {
  spans: { exporter: 'span', processor: 'span' },
  logs: { exporter: 'log', processor: 'log' },
  'metric exports': { exporter: 'metric_data_point' },
};

/** To be called when the meter provider is in place. */
export function measureTelemetry(queues: readonly AnyQueue[], spans: SpanCounts): void {
  const meter = metrics.getMeter('@sietch/otel');
  measureSpans(meter, spans);
  if (queues.length === 0) return;
  if (HAS_NAMES_OF_0_1) measureQueuesAsBefore(queues);
  measureAttempts(meter, queues);
  const numbers = new Map<string, number>();
  for (const queue of queues) {
    const { exporter, processor } = SIGNALS[queue.what] ?? {};
    const number = numbers.get(queue.what) ?? 0;
    numbers.set(queue.what, number + 1);
    if (exporter !== undefined) measureExporter(meter, queue, exporter, number);
    if (processor !== undefined) measureProcessor(meter, queue, processor, number);
    if (processor === 'log' && number === 0) {
      createInstrument(meter, METRIC_LOG_CREATED).addCallback((result) => result.observe(queue.made));
    }
  }
}

function measureSpans(meter: Meter, spans: SpanCounts): void {
  createInstrument(meter, METRIC_SPAN_STARTED).addCallback((result) => {
    for (const [origin, parent] of PARENT_ORIGINS.entries()) {
      for (const [index, sampling] of SAMPLING_RESULTS.entries()) {
        const count = spans.started(origin, index);
        if (count > 0) result.observe(count, { [ATTR_PARENT_ORIGIN]: parent, [ATTR_SAMPLING_RESULT]: sampling });
      }
    }
  });
  createInstrument(meter, METRIC_SPAN_LIVE).addCallback((result) => {
    for (const [index, sampling] of SAMPLING_RESULTS.entries()) {
      if (sampling !== 'DROP') result.observe(spans.live(index), { [ATTR_SAMPLING_RESULT]: sampling });
    }
  });
}

/**
 * Measures what the conventions have no name for: failed attempts, since an export that is retried has not
 * failed yet, and how full a queue is that has a bound in bytes too.
 */
function measureAttempts(meter: Meter, queues: readonly AnyQueue[]): void {
  const failures = createInstrument(meter, METRIC_EXPORT_FAILURES);
  const fill = createInstrument(meter, METRIC_QUEUE_FILL);
  observe(meter, [failures, fill], (result) => {
    for (const queue of queues) {
      result.observe(failures, queue.failures, { [ATTR_SIGNAL]: queue.what });
      result.observe(fill, queue.fill, { [ATTR_SIGNAL]: queue.what });
    }
  });
}

function measureExporter(meter: Meter, queue: AnyQueue, what: keyof typeof EXPORTER_METRICS, number: number): void {
  const inflight = createInstrument(meter, EXPORTER_METRICS[what].inflight);
  const exported = createInstrument(meter, EXPORTER_METRICS[what].exported);
  const durations = createInstrument(meter, METRIC_OPERATION_DURATION);
  const exporter: Attributes = { ...componentOf(queue.exporterType ?? 'exporter', number), ...serverOf(queue.target) };
  const { counts } = queue;
  observe(meter, [inflight, exported], (result) => {
    result.observe(inflight, queue.inflight, exporter);
    result.observe(exported, counts.exported, exporter);
    for (const [errorType, count] of counts.failed) result.observe(exported, count, { ...exporter, [ATTR_ERROR_TYPE]: errorType });
  });
  counts.onOperation = ({ seconds, errorType, httpStatus }) =>
    durations.record(seconds, {
      ...exporter,
      ...(errorType !== undefined && { [ATTR_ERROR_TYPE]: errorType }),
      ...(httpStatus !== undefined && { [ATTR_HTTP_STATUS]: httpStatus }),
    });
}

function measureProcessor(meter: Meter, queue: AnyQueue, what: keyof typeof PROCESSOR_METRICS, number: number): void {
  const size = createInstrument(meter, PROCESSOR_METRICS[what].size);
  const capacity = createInstrument(meter, PROCESSOR_METRICS[what].capacity);
  const processed = createInstrument(meter, PROCESSOR_METRICS[what].processed);
  const processor = componentOf(`batching_${what}_processor`, number);
  const { counts } = queue;
  observe(meter, [size, capacity, processed], (result) => {
    result.observe(size, queue.size, processor);
    result.observe(capacity, queue.capacity, processor);
    result.observe(processed, counts.processed, processor);
    for (const [errorType, count] of counts.unprocessed) result.observe(processed, count, { ...processor, [ATTR_ERROR_TYPE]: errorType });
  });
}

function observe(meter: Meter, instruments: Observable[], callback: (result: BatchObservableResult) => void): void {
  meter.addBatchObservableCallback(callback, instruments);
}

function componentOf(type: string, number: number): Attributes {
  return { [ATTR_COMPONENT_TYPE]: type, [ATTR_COMPONENT_NAME]: `${type}/${number}` };
}

/** Nothing for an endpoint that is no URL. */
function serverOf(target: string): Attributes {
  try {
    const { hostname, port, protocol } = new URL(target);
    return { [ATTR_SERVER_ADDRESS]: hostname, [ATTR_SERVER_PORT]: Number(port) || (protocol === 'https:' ? 443 : 80) };
  } catch {
    return {};
  }
}
