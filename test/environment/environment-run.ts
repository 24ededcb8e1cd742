// One run of test/app/every-signal.cjs under the preload, and what can be seen of it from outside.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runApp } from '../support/app.ts';
import { ROOT } from '../support/checkout.ts';
import { eventually } from '../support/eventually.ts';
import { type OtlpServer, startOtlpServer } from '../support/otlp-server.ts';

export type Env = Readonly<Record<string, string | undefined>>;

export const TLS_FILES = { cert: 'test/fixtures/tls/cert.pem', key: 'test/fixtures/tls/key.pem' };

/** What a run showed. */
export interface Seen extends Pick<OtlpServer, 'store' | 'requests' | 'others' | 'address'> {
  readonly stdout: string;
  readonly stderr: string;
  /** What the metrics endpoint answered. */
  readonly scraped: string;
}

export interface RunOptions {
  /** `$ADDRESS` in a value is host and port of the collector. */
  readonly env: Env;
  readonly collector?: Parameters<typeof startOtlpServer>[0]['kind'];
  /** The app lives until this is true, with what was seen so far. Default: it ends by itself. */
  readonly until?: (seen: Omit<Seen, 'stdout' | 'scraped'>) => boolean;
  /** Asks the metrics endpoint while the app lives. */
  readonly scrape?: boolean;
}

/** Of the delays of test/support/app.ts none: what is not set has its default here. */
const UNSET = {
  OTEL_EXPORTER_OTLP_PROTOCOL: undefined,
  OTEL_BSP_SCHEDULE_DELAY: undefined,
  OTEL_BLRP_SCHEDULE_DELAY: undefined,
  OTEL_METRIC_EXPORT_INTERVAL: undefined,
  OTEL_METRIC_EXPORT_TIMEOUT: undefined,
  OTEL_TRACES_EXPORTER: undefined,
  OTEL_LOGS_EXPORTER: 'otlp',
  OTEL_METRICS_EXPORTER: 'otlp',
  SIETCH_OTEL_SHUTDOWN_MS: '10000',
  SIETCH_OTEL_DIAGNOSE_AFTER_MS: '0',
};

export async function see({ env, collector = 'http', until, scrape = false }: RunOptions): Promise<Seen> {
  const tls = { cert: readFileSync(join(ROOT, TLS_FILES.cert)), key: readFileSync(join(ROOT, TLS_FILES.key)) };
  const server = await startOtlpServer({ kind: collector, tls });
  const scheme = collector === 'https' ? 'https' : 'http';
  const given = { ...UNSET, OTEL_EXPORTER_OTLP_ENDPOINT: `${scheme}://$ADDRESS`, ...env };
  const filled = Object.fromEntries(Object.entries(given).map(([name, value]) => [name, value?.replace('$ADDRESS', server.address)]));
  const stays = until !== undefined || scrape;
  const app = runApp('test/app/every-signal.cjs', { args: stays ? ['stay'] : [], env: filled });
  const { store, requests, others, address } = server;
  let scraped = '';
  try {
    if (scrape) scraped = await scrapeOf((await app.waitForLine(/metrics to (http:\S+?)[,;]/))[1] ?? '');
    if (until !== undefined)
      await eventually(`${until}\n${app.stderr}`, () => until({ store, requests, others, address, stderr: app.stderr }));
    if (stays && collector === 'silent') await app.stop();
    else if (stays) app.send({ end: true });
    const { stdout, stderr } = await app.waitForExit();
    return { stdout, stderr, scraped, store, requests, others, address };
  } finally {
    await app.stop();
    await server.close();
  }
}

async function scrapeOf(url: string): Promise<string> {
  const response = await fetch(url, { headers: { accept: 'application/openmetrics-text' } });
  return response.text();
}
