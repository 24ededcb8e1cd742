import { afterAll, expect, test } from 'vitest';
import { type App, runApp } from '../support/app.ts';
import { eventually } from '../support/eventually.ts';
import { type Receiver, startReceiver } from '../support/otlp.ts';
import { type Prometheus, startPrometheus, waitUntilScraped } from '../support/prometheus.ts';
import { needsPrometheus } from '../support/requirements.ts';
import { metricsUrlOf, scrape } from './scraping.ts';

const prometheus = await needsPrometheus();
const open: { stop?(): Promise<unknown>; close?(): Promise<unknown> }[] = [];
afterAll(async () => {
  await Promise.all(open.map((each) => each.stop?.() ?? each.close?.()));
});

function keep<T extends (typeof open)[number]>(opened: T): T {
  open.push(opened);
  return opened;
}

async function appUrl(app: App): Promise<string> {
  const [, url = ''] = await app.waitForLine(/^listening on (\S+)/);
  return url;
}

/** Trace ids of all exemplars of the buckets of `family`. */
async function exemplarIds(from: Prometheus, family: string): Promise<string[]> {
  const minute = 60_000;
  const [start, end] = [Date.now() - minute, Date.now() + minute].map((time) => String(time / 1000)) as [string, string];
  const answer = await from.api('query_exemplars', { query: `${family}_bucket`, start, end });
  const series = answer as { exemplars: { labels: { trace_id: string } }[] }[];
  return series.flatMap(({ exemplars }) => exemplars.map(({ labels }) => labels.trace_id));
}

test('Prometheus scrapes it, with exemplars that are traces which arrived', prometheus, async () => {
  const receiver: Receiver = keep(await startReceiver());
  const app = keep(runApp('test/app/http-metrics.js', { receiver }));
  const url = await appUrl(app);
  const target = new URL(await metricsUrlOf(app)).host;
  const server = keep(await startPrometheus({ targets: [target] }));
  await waitUntilScraped(server);
  for (let request = 0; request < 5; request++) await scrape(url);

  // GET                        ← each of the five requests; http_server_request_duration_seconds has its trace id
  const count = 'sum(http_server_request_duration_seconds_count)';
  await eventually('all five are counted', async () => (await server.query(count))[0]?.value === 5);
  const ids = await eventually('there are exemplars', async () => {
    const found = await exemplarIds(server, 'http_server_request_duration_seconds');
    return found.length > 0 && found;
  });
  const received = await eventually('all spans arrived', () => receiver.store.spans.length === 5 && receiver.store.spans);
  expect(new Set(received.map(({ traceId }) => traceId))).toEqual(new Set([...received.map(({ traceId }) => traceId), ...ids]));

  // Prometheus took the help, type and unit of OpenMetrics.
  expect(await server.api('metadata', { metric: 'http_server_request_duration_seconds' })).toEqual({
    http_server_request_duration_seconds: [{ type: 'histogram', unit: 'seconds', help: expect.stringMatching(/duration/i) }],
  });
});

test('scrapes make no span and no http.server.request.duration, unlike requests to the app', async () => {
  const receiver: Receiver = keep(await startReceiver());
  const app = keep(runApp('test/app/http-metrics.js', { receiver }));
  const [url, metricsUrl] = [await appUrl(app), await metricsUrlOf(app)];
  for (let times = 0; times < 3; times++) await scrape(metricsUrl);
  await scrape(url);
  await eventually('the span of the request arrived', () => receiver.store.spans.length > 0);
  expect(receiver.store.spans.map(({ name }) => name)).toEqual(['GET']);
  const { text } = await scrape(metricsUrl);
  expect(text.match(/^http_server_request_duration_seconds_count.*/gm)).toEqual([expect.stringMatching(/ 1$/)]);
});

test('Prometheus brings the token it is asked for', prometheus, async () => {
  const app = keep(runApp('test/app/metrics.js', { env: { SIETCH_OTEL_PROMETHEUS_BEARER_TOKEN: 's3cret' } }));
  const url = await metricsUrlOf(app);
  const refused = await scrape(url);
  expect([refused.status, refused.headers['www-authenticate'], refused.text]).toEqual([401, 'Bearer realm="metrics"', 'Unauthorized\n']);
  expect((await scrape(new URL('/healthz', url).href)).status).toBe(200);
  const server = keep(await startPrometheus({ targets: [new URL(url).host], job: ['authorization: { credentials: s3cret }'] }));
  await waitUntilScraped(server);
  expect(await server.query('things_total')).toMatchObject([{ value: 3, labels: { thing_kind: 'a"b\\c\nd' } }]);
  expect(app.stderr).not.toContain('s3cret');
});

test("the handler answers in the app's own server, beside the endpoint or instead of it", async () => {
  const app = keep(runApp('test/app/http-metrics.js', { env: { SIETCH_OTEL_PROMETHEUS_SERVER: 'off' } }));
  const url = await appUrl(app);
  const { status, text } = await scrape(`${url}app-metrics`);
  expect(status).toBe(200);
  expect(text).toMatch(/^target_info\{/m);
  expect(app.stderr).not.toContain('http://127.0.0.1:0');
});

test('the handler says so when nothing is started', async () => {
  const app = keep(runApp('test/app/http-metrics.js', { preload: 'none' }));
  expect(await scrape(`${await appUrl(app)}app-metrics`)).toMatchObject({ status: 503, text: expect.stringContaining('not started') });
});
