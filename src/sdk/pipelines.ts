// The way of each signal from the SDK to its exporters: span processors, log processors, metric readers.
import {
  BatchLogRecordProcessor,
  ConsoleLogRecordExporter,
  type LogRecordProcessor,
  SimpleLogRecordProcessor,
} from '@opentelemetry/sdk-logs';
import {
  ConsoleMetricExporter,
  type IMetricReader,
  type MetricProducer,
  PeriodicExportingMetricReader,
  type PushMetricExporter,
} from '@opentelemetry/sdk-metrics';
import {
  BatchSpanProcessor,
  ConsoleSpanExporter,
  SimpleSpanProcessor,
  type SpanExporter,
  type SpanProcessor,
} from '@opentelemetry/sdk-trace';
import {
  createOtlpLogExporter,
  createOtlpMetricExporter,
  createOtlpSpanExporter,
  createZipkinSpanExporter,
  type OtelSettings,
} from './exporters.js';

export function createSpanProcessors(settings: OtelSettings): SpanProcessor[] {
  return exportersOf(settings.traces).map((name) => {
    if (name === 'console') return new SimpleSpanProcessor({ exporter: new ConsoleSpanExporter() });
    return batchSpans(name === 'zipkin' ? createZipkinSpanExporter() : createOtlpSpanExporter(settings), settings);
  });
}

export function createLogProcessors(settings: OtelSettings): LogRecordProcessor[] {
  return exportersOf(settings.logs).map((name) => {
    if (name === 'console') return new SimpleLogRecordProcessor({ exporter: new ConsoleLogRecordExporter() });
    return new BatchLogRecordProcessor({
      exporter: createOtlpLogExporter(settings),
      scheduledDelayMillis: settings.logBatchDelayMs,
      exportTimeoutMillis: settings.logBatchTimeoutMs,
      maxQueueSize: settings.logBatchQueue,
      maxExportBatchSize: Math.min(settings.logBatchSize, settings.logBatchQueue),
    });
  });
}

/** The readers that push. The Prometheus endpoint, which is read, is in metrics/. */
export function createPushReaders(settings: OtelSettings, producers: readonly MetricProducer[]): IMetricReader[] {
  return exportersOf(settings.metrics)
    .filter((name) => name !== 'prometheus')
    .map((name) => pushEvery(name === 'console' ? new ConsoleMetricExporter() : createOtlpMetricExporter(settings), settings, producers));
}

/** `none` anywhere in the list means none. */
export function exportersOf(names: readonly string[]): readonly string[] {
  return names.includes('none') ? [] : names;
}

function batchSpans(exporter: SpanExporter, settings: OtelSettings): SpanProcessor {
  return new BatchSpanProcessor({
    exporter,
    scheduledDelayMillis: settings.batchDelayMs,
    exportTimeoutMillis: settings.batchTimeoutMs,
    maxQueueSize: settings.batchQueue,
    maxExportBatchSize: Math.min(settings.batchSize, settings.batchQueue),
  });
}

function pushEvery(exporter: PushMetricExporter, settings: OtelSettings, producers: readonly MetricProducer[]): IMetricReader {
  return new PeriodicExportingMetricReader({
    exporter,
    metricProducers: [...producers],
    exportIntervalMillis: settings.metricIntervalMs,
    exportTimeoutMillis: Math.min(settings.metricTimeoutMs, settings.metricIntervalMs),
  });
}
