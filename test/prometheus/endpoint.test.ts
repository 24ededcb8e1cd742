import { once } from 'node:events';
import { connect } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type App, type AppOptions, runApp } from '../support/app.ts';
import { freePort } from '../support/ports.ts';
import { ACCEPT_OPENMETRICS, metricsUrlOf, scrape, seriesOf } from './scraping.ts';

const apps: App[] = [];
afterAll(async () => {
  await Promise.all(apps.map((app) => app.stop()));
});

function start(options: AppOptions = {}): App {
  const app = runApp('test/app/metrics.js', options);
  apps.push(app);
  return app;
}

describe('an app under the preload', () => {
  let url: string;
  beforeAll(async () => {
    url = await metricsUrlOf(start());
  });

  test('answers in the text format', async () => {
    const { status, headers, text } = await scrape(url);
    expect(status).toBe(200);
    expect(headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(text).toContain('# HELP things_total Things "done" \\\\ so far.\n# TYPE things_total counter\n');
    expect(text).toContain('things_total{size="2",thing_kind="a\\"b\\\\c\\nd",otel_scope_name="app",otel_scope_version="1.2.3"} 3\n');
    expect(text).toContain('# TYPE wait_duration_seconds histogram\n');
    expect(text).toContain('wait_duration_seconds_bucket{otel_scope_name="app",otel_scope_version="1.2.3",le="1"} 1\n');
    expect(text).toContain('fill_ratio{otel_scope_name="app",otel_scope_version="1.2.3"} 0.25\n');
    expect(text).toContain('sietch_paddle_circuit_state{otel_scope_name="app",otel_scope_version="1.2.3"} 0.5\n');
    expect(text).toMatch(/^target_info\{.*service_name="/m);
    expect(text).not.toContain('# EOF');
  });

  test('answers in OpenMetrics to who prefers it', async () => {
    const { headers, text } = await scrape(url, { headers: { accept: ACCEPT_OPENMETRICS } });
    expect(headers['content-type']).toBe('application/openmetrics-text; version=1.0.0; charset=utf-8');
    expect(text).toContain('# TYPE things counter\n# HELP things Things \\"done\\" \\\\ so far.\nthings_total{');
    expect(text).toContain('# UNIT wait_duration_seconds seconds\n');
    expect(text).toContain('wait_duration_seconds_bucket{otel_scope_name="app",otel_scope_version="1.2.3",le="1.0"} 1\n');
    expect(text).toMatch(/# EOF\n$/);
  });

  test('compresses for who accepts gzip, with the same content', async () => {
    const { headers, body } = await scrape(url, { headers: { 'accept-encoding': 'gzip' } });
    expect(headers['content-encoding']).toBe('gzip');
    expect(gunzipSync(body).toString()).toContain('\nthings_total{');
    expect((await scrape(url, { headers: { 'accept-encoding': 'gzip;q=0' } })).headers['content-encoding']).toBeUndefined();
  });

  test('HEAD has the headers of GET and no body', async () => {
    const { status, headers, text } = await scrape(url, { method: 'HEAD' });
    expect({ status, text }).toEqual({ status: 200, text: '' });
    expect(Number(headers['content-length'])).toBeGreaterThan(500);
  });

  test('other methods are 405, other paths 404, and it is healthy', async () => {
    const posted = await scrape(url, { method: 'POST' });
    expect([posted.status, posted.headers.allow]).toEqual([405, 'GET, HEAD']);
    expect((await scrape(new URL('/', url).href)).status).toBe(404);
    expect(await scrape(new URL('/healthz', url).href)).toMatchObject({ status: 200, text: 'ok\n' });
  });
});

test('whatever callbacks do, the rest is answered in time, and the failures are counted', async () => {
  const app = start({ args: ['hung', 'thrown', 'slow'], env: { SIETCH_OTEL_PROMETHEUS_DEADLINE_MS: '100' } });
  const url = await metricsUrlOf(app);
  const answers = await Promise.all([scrape(url), scrape(url), scrape(url)]);
  for (const { status, text } of answers) {
    expect(status).toBe(200);
    expect(text).toContain('\nfill_ratio{');
    expect(text).not.toMatch(/^(hung|thrown|slow)/m);
  }
  const { text } = await scrape(url);
  // The three at once were one collection.
  expect(seriesOf(text, 'sietch_metrics_callback_failures_total')).toEqual({
    'error_type="timeout",otel_scope_name="@sietch/otel"': 2,
    'error_type="error",otel_scope_name="@sietch/otel"': 1,
  });
  await app.waitForLine(/SIETCH021 .*2 late and 1 failed/);
  expect(app.stderr + text).not.toContain('41111111');
});

test('a taken port is one line and the app runs on; or the next one is taken', async () => {
  const port = await freePort();
  const env = { OTEL_EXPORTER_PROMETHEUS_PORT: String(port) };
  const first = start({ env });
  await metricsUrlOf(first);
  const second = start({ env });
  await second.waitForLine(/error SIETCH020 the metrics endpoint does not listen: .*EADDRINUSE.*Remedy/);
  expect(second.child.exitCode).toBeNull();
  const third = start({ env: { ...env, SIETCH_OTEL_PROMETHEUS_PORT_TAKEN: 'next' } });
  const url = await metricsUrlOf(third);
  expect(Number(new URL(url).port)).toBeGreaterThan(port);
  expect((await scrape(url)).status).toBe(200);
});

test('the endpoint does not keep the process alive, even with a scraper connected', async () => {
  const app = start();
  const url = await metricsUrlOf(app);
  // A request that is never finished: its connection stays open for longer than this test waits.
  const socket = connect(Number(new URL(url).port), '127.0.0.1').on('error', () => {});
  await once(socket, 'connect');
  socket.write('GET /metrics HTTP/1.1\r\n');
  await scrape(url);
  app.send({ end: true });
  expect(await app.waitForExit()).toMatchObject({ code: 0 });
  socket.destroy();
});
