// The metric reader that is scraped. It is the exporter's own reader (cumulative, named to the SDK as the Prometheus exporter) without its server.
import { PrometheusExporter } from '@opentelemetry/exporter-prometheus';

export class ScrapedReader extends PrometheusExporter {
  constructor() {
    super({ preventServerStart: true });
  }

  /** Where there is another process to tell: called when telemetry is flushed, and before the reader shuts down. */
  reportTo: (() => Promise<void>) | undefined;

  override async onForceFlush(): Promise<void> {
    await this.reportTo?.();
  }

  override async onShutdown(): Promise<void> {
    await this.reportTo?.();
  }
}
