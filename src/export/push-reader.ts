// The metric reader that pushes: upstream's, which also exports at the end of the process, where it
// cannot collect as it does else.
import {
  type MetricProducer,
  PeriodicExportingMetricReader,
  type PeriodicExportingMetricReaderOptions,
  type PushMetricExporter,
} from '@opentelemetry/sdk-metrics';

export class PushReader extends PeriodicExportingMetricReader {
  readonly #exporter: PushMetricExporter;
  /** Undefined once the reader is shut down: all is exported then. */
  #producer: MetricProducer | undefined;

  constructor(options: PeriodicExportingMetricReaderOptions) {
    super(options);
    this.#exporter = options.exporter;
  }

  override setMetricProducer(producer: MetricProducer): void {
    super.setMetricProducer(producer);
    this.#producer = producer;
  }

  protected override async onShutdown(): Promise<void> {
    await super.onShutdown();
    this.#producer = undefined;
  }

  /** Exports what was measured, within this call. */
  exportNow(): void {
    if (this.#producer === undefined) return;
    const { stateNow }: typeof import('../sdk/metrics/state-now.js') = require('../sdk/metrics/state-now.js');
    const metrics = stateNow(this.#producer);
    if (metrics !== undefined) this.#exporter.export(metrics, () => {});
  }
}
