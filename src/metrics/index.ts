// The Prometheus endpoint: the metric reader that is scraped, and the server that answers.
import { createServer } from 'node:http';
import { PrometheusExporter, PrometheusSerializer } from '@opentelemetry/exporter-prometheus';
import type { IMetricReader } from '@opentelemetry/sdk-metrics';
import type { SettingsOf } from '../config/setting.js';
import { fail } from '../sdk/diagnostics.js';
import type { metricsSettings } from './settings.js';

export interface MetricsEndpoint {
  /** Handed to the SDK. */
  readonly reader: IMetricReader;
  /** Where it is, for the start-up line; the port is the one asked for. */
  readonly url: string;
  /** Stops listening. */
  shutdown(): Promise<void>;
}

const COLLECT_TIMEOUT_MS = 500;

/** Starts listening; a taken port is one error line and the app runs on. */
export function startMetricsEndpoint(settings: SettingsOf<typeof metricsSettings>): MetricsEndpoint {
  const reader = new PrometheusExporter({ preventServerStart: true });
  const serializer = new PrometheusSerializer();
  const server = createServer((_request, response) => {
    reader.collect({ timeoutMillis: COLLECT_TIMEOUT_MS }).then(
      ({ resourceMetrics }) =>
        response.setHeader('content-type', 'text/plain; version=0.0.4; charset=utf-8').end(serializer.serialize(resourceMetrics)),
      () => response.writeHead(500).end(),
    );
  });
  const url = `http://${settings.host}:${settings.port}/metrics`;
  server.on('error', (error) =>
    fail({ code: 'SIETCH020', message: `metrics endpoint ${url}: ${error.message}`, remedy: 'set OTEL_EXPORTER_PROMETHEUS_PORT' }),
  );
  server.listen(settings.port, settings.host).unref();
  return { reader, url, shutdown: () => new Promise((resolve) => server.close(() => resolve())) };
}
