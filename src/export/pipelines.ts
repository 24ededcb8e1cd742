// The pipelines from the SDK to the exporters: span processors, log processors, metric readers.
import {
  ConsoleLogRecordExporter,
  type LogRecordProcessor,
  type ReadableLogRecord,
  SimpleLogRecordProcessor,
} from '@opentelemetry/sdk-logs';
import {
  ConsoleMetricExporter,
  type IMetricReader,
  PeriodicExportingMetricReader,
  type PeriodicExportingMetricReaderOptions,
  type PushMetricExporter,
  type ResourceMetrics,
} from '@opentelemetry/sdk-metrics';
import { ConsoleSpanExporter, type ReadableSpan, SimpleSpanProcessor, type SpanProcessor } from '@opentelemetry/sdk-trace';
import { BASE2 } from '../config/core-settings.js';
import { isMainThread } from '../node/main-thread.js';
import type { HubTargets, Target, ThreadHub } from '../threads/thread-hub.js';
import { type AnyQueue, ExportQueue, type QueueLimits } from './export-queue.js';
import { createLogSender, createMetricSender, createSpanSender, type OtelSettings } from './exporters.js';
import { sizeOfLogRecord, sizeOfSpan } from './item-size.js';
import { QueuedMetricExporter } from './metric-exporter.js';
import { PushReader } from './push-reader.js';
import { QueueLogProcessor, QueueSpanProcessor } from './queue-processors.js';

/** The processors and readers for the SDK, and the queues that are flushed at exit. */
export interface Pipelines {
  readonly queues: readonly AnyQueue[];
  readonly spanProcessors: SpanProcessor[];
  readonly logProcessors: LogRecordProcessor[];
  /** The readers that push. The Prometheus endpoint is in prometheus/. */
  readonly pushReaders: IMetricReader[];
  /**
   * Puts what was measured since the last push into the queues, within this call: for the end of
   * the process.
   */
  pushNow(): void;
  /** Whether a queue of spans has little room left. */
  areSpansFull(): boolean;
  /** Receives the messages of worker threads that the event loop has not delivered yet. */
  drainThreads(): void;
}

export interface PipelineOptions {
  /** Bound of a queue, in bytes. */
  readonly queueBytes: number;
  /** Whether worker threads send through these pipelines. */
  readonly workerThreads: boolean;
}

/** How many exports of spans or log records go at once: what they hold comes on top of what waits, and is a queue more at most. */
const MOST_EXPORTS = 4;

/** How full a queue of spans is when a trace of the flight recorder is not put into it any more. */
const FULL = 0.8;

/**
 * In a worker thread: pipelines that end in the main thread. Metrics of worker threads are not
 * collected.
 */
export function createPipelines(settings: OtelSettings, options: PipelineOptions): Pipelines {
  return isMainThread ? createMainPipelines(settings, options) : createThreadPipelines(settings);
}

function createThreadPipelines(settings: OtelSettings): Pipelines {
  const {
    ThreadChannel,
    ThreadLogProcessor,
    ThreadSpanProcessor,
  }: typeof import('../threads/thread-channel.js') = require('../threads/thread-channel.js');
  const channel = new ThreadChannel();
  return {
    queues: [],
    spanProcessors: exportersOf(settings.traces).length === 0 ? [] : [new ThreadSpanProcessor(channel)],
    logProcessors: exportersOf(settings.logs).length === 0 ? [] : [new ThreadLogProcessor(channel)],
    pushReaders: [],
    pushNow: () => {},
    areSpansFull: () => false,
    drainThreads: () => {},
  };
}

function createMainPipelines(settings: OtelSettings, { queueBytes, workerThreads }: PipelineOptions): Pipelines {
  const spanQueues = queuedExporters(settings.traces).map((name) => createSpanQueue(name, settings, queueBytes));
  const logQueues = queuedExporters(settings.logs).map(() => createLogQueue(settings, queueBytes));
  const metricQueues = queuedExporters(settings.metrics)
    .filter((name) => name === 'otlp')
    .map(() => createMetricQueue(settings));
  const pushReaders = metricQueues.map(
    (queue) => new PushReader(pushEvery(new QueuedMetricExporter(queue, settings.histogramAggregation === BASE2), settings)),
  );
  const consoleMetrics = hasConsole(settings.metrics) ? [new ConsoleMetricExporter()] : [];
  const consoleSpans = hasConsole(settings.traces) ? [new ConsoleSpanExporter()] : [];
  const consoleLogs = hasConsole(settings.logs) ? [new ConsoleLogRecordExporter()] : [];
  const hub = workerThreads
    ? createThreadHub({ spans: [...spanQueues, ...consoleSpans.map(asTarget)], logs: [...logQueues, ...consoleLogs.map(asTarget)] })
    : undefined;
  return {
    queues: [...spanQueues, ...logQueues, ...metricQueues],
    spanProcessors: [
      ...spanQueues.map((queue) => new QueueSpanProcessor(queue)),
      ...consoleSpans.map((exporter) => new SimpleSpanProcessor({ exporter })),
    ],
    logProcessors: [
      ...logQueues.map((queue) => new QueueLogProcessor(queue)),
      ...consoleLogs.map((exporter) => new SimpleLogRecordProcessor({ exporter })),
    ],
    pushReaders: [...pushReaders, ...consoleMetrics.map((exporter) => new PeriodicExportingMetricReader(pushEvery(exporter, settings)))],
    pushNow: () => {
      for (const reader of pushReaders) reader.exportNow();
    },
    areSpansFull: () => spanQueues.some(({ fill }) => fill > FULL),
    drainThreads: () => hub?.drain(),
  };
}

function createThreadHub(targets: HubTargets): ThreadHub {
  const { ThreadHub: Hub }: typeof import('../threads/thread-hub.js') = require('../threads/thread-hub.js');
  return new Hub(targets);
}

/** Prints spans and log records of worker threads as they arrive. */
function asTarget<Item>(exporter: { export(items: Item[], done: () => void): void }): Target<Item> {
  return { add: (item) => exporter.export([item], () => {}) };
}

/** `none` anywhere in the list means none. */
export function exportersOf(names: readonly string[]): readonly string[] {
  return names.includes('none') ? [] : names;
}

function hasConsole(names: readonly string[]): boolean {
  return exportersOf(names).includes('console');
}

function queuedExporters(names: readonly string[]): readonly string[] {
  return exportersOf(names).filter((name) => name !== 'console');
}

function createSpanQueue(exporter: string, settings: OtelSettings, bytes: number): ExportQueue<ReadableSpan> {
  const limits = {
    ...batchLimits(settings.batchQueue, settings.batchSize),
    bytes,
    delayMs: settings.batchDelayMs,
    timeoutMs: settings.batchTimeoutMs,
  };
  return new ExportQueue('spans', createSpanSender(exporter, settings), limits, sizeOfSpan);
}

function batchLimits(items: number, batchItems: number): Pick<QueueLimits, 'items' | 'batchItems' | 'exports'> {
  return { items, batchItems: Math.min(batchItems, items), exports: Math.min(Math.ceil(items / batchItems), MOST_EXPORTS) };
}

function createLogQueue(settings: OtelSettings, bytes: number): ExportQueue<ReadableLogRecord> {
  const limits = {
    ...batchLimits(settings.logBatchQueue, settings.logBatchSize),
    bytes,
    delayMs: settings.logBatchDelayMs,
    timeoutMs: settings.logBatchTimeoutMs,
  };
  return new ExportQueue('logs', createLogSender(settings), limits, sizeOfLogRecord);
}

/**
 * Short: each export holds the state of all metrics, and the next comes soon. The last one is what
 * must arrive, since with cumulative temporality it has all that those before it have.
 */
function createMetricQueue(settings: OtelSettings): ExportQueue<ResourceMetrics> {
  const limits = { items: 4, bytes: 4, batchItems: 1, exports: 1, delayMs: 0, timeoutMs: settings.metricTimeoutMs, keepsNewest: true };
  return new ExportQueue('metric exports', createMetricSender(settings), limits, () => 1, dataPointsOf);
}

function dataPointsOf({ scopeMetrics }: ResourceMetrics): number {
  return scopeMetrics.reduce((all, { metrics }) => all + metrics.reduce((ofScope, { dataPoints }) => ofScope + dataPoints.length, 0), 0);
}

function pushEvery<Exporter extends PushMetricExporter>(
  exporter: Exporter,
  settings: OtelSettings,
): PeriodicExportingMetricReaderOptions & { readonly exporter: Exporter } {
  return {
    exporter,
    exportIntervalMillis: settings.metricIntervalMs,
    exportTimeoutMillis: Math.min(settings.metricTimeoutMs, settings.metricIntervalMs),
  };
}
