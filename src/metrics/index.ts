// The Prometheus endpoint: the metric reader that is scraped, and the server that answers.
import type { IMetricReader, MetricProducer } from '@opentelemetry/sdk-metrics';
import type { SettingsOf } from '../config/setting.js';
import { fail } from '../sdk/diagnostics.js';
import { createAccess } from './access.js';
import { ExemplarStore } from './exemplars.js';
import { createMetricsHandler, createSiteHandler, type RequestHandler } from './handler.js';
import { Scraper } from './scrape.js';
import { ScrapedReader } from './scraped-reader.js';
import { type ListenOptions, listen, metricsUrl } from './server.js';
import type { metricsSettings } from './settings.js';

export type MetricsSettings = SettingsOf<typeof metricsSettings>;

export { MeterWatch } from './meter-watch.js';

export interface MetricsEndpoint {
  /** Handed to the SDK. */
  readonly reader: IMetricReader;
  /** What `MeterWatch` fills; `undefined` where the settings want none. */
  readonly exemplars: ExemplarStore | undefined;
  /** Where it listens; `undefined` while it is not known, and when it does not listen. */
  readonly url: string | undefined;
  /** Calls back when `url` is settled: at once unless the port is to be found. */
  whenUrlKnown(callback: () => void): void;
  /** Stops listening. */
  shutdown(): Promise<void>;
}

const FURTHER_PORTS = 20;
const HANDLER = Symbol.for('@sietch/otel.metrics-handler');
const registry: typeof globalThis & { [HANDLER]?: RequestHandler } = globalThis;

/** Starts listening; a taken port is one error line and the app runs on. */
export function startMetricsEndpoint(settings: MetricsSettings, producers: readonly MetricProducer[] = []): MetricsEndpoint {
  const reader = new ScrapedReader(producers);
  const exemplars = settings.exemplarFilter === 'always_off' ? undefined : new ExemplarStore();
  const scraper = new Scraper({ reader, deadlineMs: settings.deadlineMs, maxBytes: settings.maxBytes, exemplars });
  const handler = createMetricsHandler(scraper, createAccess(settings));
  registry[HANDLER] = handler;
  const server = settings.server ? listen(createSiteHandler(handler), listenOptions(settings)) : undefined;
  const { host, port, portTaken } = settings;
  const isSettled = server === undefined || (port !== 0 && portTaken === 'fail');
  let url = isSettled && server !== undefined ? metricsUrl(host, port) : undefined;
  const settled = server?.listening.then(
    (found) => {
      url = metricsUrl(host, found);
    },
    (error: unknown) => {
      url = undefined;
      sayNotListening(settings, error);
    },
  );
  return {
    reader,
    exemplars,
    get url() {
      return url;
    },
    whenUrlKnown: (callback) => (isSettled ? callback() : void settled?.then(callback)),
    shutdown: async () => server?.close(),
  };
}

/**
 * A handler that answers with the metrics, to mount in the app's own server: `app.get('/metrics', metricsHandler())`. It answers GET and HEAD, asks for
 * the token or password of the settings, and says 503 while the distribution is not started or `OTEL_METRICS_EXPORTER` has no `prometheus`.
 */
export function metricsHandler(): RequestHandler {
  return (request, response) => {
    const handler = registry[HANDLER];
    if (handler !== undefined) handler(request, response);
    else
      response
        .writeHead(503, { 'Content-Type': 'text/plain; charset=utf-8' })
        .end('The Prometheus endpoint of @sietch/otel is not started\n');
  };
}

function listenOptions({ host, port, portTaken }: MetricsSettings): ListenOptions {
  return { host, port, furtherPorts: portTaken === 'next' ? FURTHER_PORTS : 0 };
}

function sayNotListening({ host, port }: MetricsSettings, error: unknown): void {
  fail({
    code: 'SIETCH020',
    message: `no metrics endpoint at ${metricsUrl(host, port)}: ${error instanceof Error ? error.message : String(error)}`,
    remedy: 'set OTEL_EXPORTER_PROMETHEUS_PORT to a free port, or SIETCH_OTEL_PROMETHEUS_PORT_TAKEN=next',
  });
}
