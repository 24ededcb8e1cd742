// The metric exporter: puts each collected state into a short export queue. Upstream's exporter
// would keep the process alive while a collector hangs, and drop what it could not send.
import type { ExportResult } from '@opentelemetry/core';
import {
  type AggregationOption,
  type AggregationTemporality,
  AggregationType,
  InstrumentType,
  type PushMetricExporter,
  type ResourceMetrics,
} from '@opentelemetry/sdk-metrics';
import type { ExportQueue } from './export-queue.js';

/** Longest that forceFlush() waits, in ms; the reader has a bound of its own. */
const FLUSH_MS = 10_000;

type Choices = Required<Pick<PushMetricExporter, 'selectAggregationTemporality'>>;

export class QueuedMetricExporter implements PushMetricExporter {
  readonly #queue: ExportQueue<ResourceMetrics>;
  readonly #choices: Choices;
  readonly #hasExponential: boolean;
  /** Collected, and on its way to `export()`. */
  #collected: ResourceMetrics | undefined;

  /** @param hasExponential whether histograms have exponential buckets */
  constructor(queue: ExportQueue<ResourceMetrics>, hasExponential = false) {
    this.#queue = queue;
    this.#hasExponential = hasExponential;
    // Upstream's exporter reads OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE; nothing is sent
    // by it.
    const { OTLPMetricExporter }: typeof import('@opentelemetry/exporter-metrics-otlp-http') =
      require('@opentelemetry/exporter-metrics-otlp-http');
    this.#choices = new OTLPMetricExporter();
  }

  /** Remembers what a reader has collected until it exports that. */
  keepCollected(metrics: ResourceMetrics): void {
    this.#collected = metrics;
  }

  /** Exports what was collected, where the reader has not come to it yet. */
  exportCollected(): void {
    const metrics = this.#collected;
    if (metrics !== undefined && metrics.scopeMetrics.length > 0) this.export(metrics, () => {});
  }

  /** Calls back at once; the queue sends the metrics. */
  export(metrics: ResourceMetrics, done: (result: ExportResult) => void): void {
    this.#collected = undefined;
    this.#queue.add(metrics);
    done({ code: 0 });
  }

  forceFlush(): Promise<void> {
    return this.#queue.flush(FLUSH_MS, false);
  }

  shutdown(): Promise<void> {
    return this.#queue.shutdown(FLUSH_MS);
  }

  selectAggregation(type: InstrumentType): AggregationOption {
    const isExponential = this.#hasExponential && type === InstrumentType.HISTOGRAM;
    return { type: isExponential ? AggregationType.EXPONENTIAL_HISTOGRAM : AggregationType.DEFAULT };
  }

  selectAggregationTemporality(type: InstrumentType): AggregationTemporality {
    return this.#choices.selectAggregationTemporality(type);
  }
}
