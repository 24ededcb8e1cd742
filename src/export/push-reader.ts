// The metric reader that pushes: upstream's, but nothing that it has collected is lost when the
// process ends before it is exported, and at that end it collects once more.
import {
  type CollectionResult,
  type MetricCollectOptions,
  type MetricProducer,
  PeriodicExportingMetricReader,
  type PeriodicExportingMetricReaderOptions,
} from '@opentelemetry/sdk-metrics';
import { CollectorState } from '../sdk/metrics/collector-state.js';
import { reportLostPort } from '../sdk/ports.js';
import { CollectionTimer } from './collection-timer.js';
import type { QueuedMetricExporter } from './metric-exporter.js';

export interface PushReaderOptions extends PeriodicExportingMetricReaderOptions {
  readonly exporter: QueuedMetricExporter;
}

export class PushReader extends PeriodicExportingMetricReader {
  readonly #exporter: QueuedMetricExporter;
  readonly #timer = new CollectionTimer('periodic_metric_reader');
  /** Undefined once the reader is shut down: all is exported then. */
  #producer: MetricProducer | undefined;

  constructor(options: PushReaderOptions) {
    super(options);
    this.#exporter = options.exporter;
  }

  override setMetricProducer(producer: MetricProducer): void {
    super.setMetricProducer({ collect: (options) => this.#collect(producer, options) });
    this.#producer = producer;
  }

  protected override async onShutdown(): Promise<void> {
    this.#timer.close();
    await super.onShutdown();
    this.#producer = undefined;
  }

  /** Exports what was measured, within this call. */
  exportNow(): void {
    if (this.#producer === undefined) return;
    this.#exporter.exportCollected();
    try {
      const state = stateOf(this.#producer);
      state?.observeNow();
      const metrics = state?.collect();
      if (metrics !== undefined && metrics.scopeMetrics.length > 0) this.#exporter.export(metrics, () => {});
    } catch {
      // A member is there, but not what it was.
      reportLostPort('collectorState');
    }
  }

  async #collect(producer: MetricProducer, options: MetricCollectOptions = {}): Promise<CollectionResult> {
    const startedAt = performance.now();
    try {
      const state = stateOf(producer);
      if (state !== undefined) {
        const errors = await state.observe(options.timeoutMillis);
        const resourceMetrics = state.collect();
        // In this turn: upstream waits for promises before it exports.
        this.#exporter.keepCollected(resourceMetrics);
        this.#timer.record(startedAt, errors);
        return { resourceMetrics, errors };
      }
    } catch {
      reportLostPort('collectorState');
    }
    return producer.collect(options);
  }
}

function stateOf(producer: MetricProducer): CollectorState | undefined {
  const state = CollectorState.of(producer);
  if (state === undefined) reportLostPort('collectorState');
  return state;
}
