// The metric reader that is scraped. It is the exporter's own reader (cumulative, named to the SDK as the Prometheus exporter) without its server.
import { PrometheusExporter } from '@opentelemetry/exporter-prometheus';

export class ScrapedReader extends PrometheusExporter {
  constructor() {
    super({ preventServerStart: true });
  }
}
