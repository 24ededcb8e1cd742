// The metric reader that is scraped: upstream's Prometheus exporter (cumulative, known to the SDK
// by that name) without its server.
import { PrometheusExporter } from '@opentelemetry/exporter-prometheus';

export class ScrapedReader extends PrometheusExporter {
  constructor() {
    super({ preventServerStart: true });
  }

  /**
   * Reports to another process of the group: called when telemetry is flushed, and before the
   * reader shuts down.
   */
  reportTo: (() => Promise<void>) | undefined;

  override async onForceFlush(): Promise<void> {
    await this.reportTo?.();
  }

  override async onShutdown(): Promise<void> {
    await this.reportTo?.();
  }
}
