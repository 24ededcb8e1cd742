// Sizes of bodies, on request, and the number of requests under way.

import { request } from 'node:http';
import { connect } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { lastPoint, type Metric, type Receiver, startReceiver } from '../../support/otlp.ts';
import { type AskOptions, runWebApp, type WebApp } from '../../support/web-app.ts';

const FILE = 'test/app/http-bodies.cjs';
const CHUNKED = { 'transfer-encoding': 'chunked' };

let receiver: Receiver;
let web: WebApp | undefined;
beforeEach(async () => {
  receiver = await startReceiver();
});
afterEach(async () => {
  await web?.app.stop();
  web = undefined;
  await receiver.close();
});

const start = async (env: Record<string, string> = {}) => {
  web = await runWebApp(FILE, { receiver, env: { OTEL_METRICS_EXPORTER: 'otlp', ...env } });
  return web;
};

/** Each way of the app: how it is asked, and the sizes of both bodies; without one there is no record. */
const WAYS: readonly (readonly [string, AskOptions, sizes: { in?: number; out?: number }])[] = [
  ['/events', { method: 'POST', body: 'h\u00e4llo' }, { in: 6, out: 1 }],
  ['/events', { method: 'POST', body: 'h\u00e4llo', headers: CHUNKED }, { in: 6, out: 1 }],
  ['/text', { method: 'POST', body: 'h\u00e4llo', headers: CHUNKED }, { in: 6, out: 6 }],
  ['/unread', { method: 'POST', body: 'h\u00e4llo' }, { in: 6, out: 2 }],
  ['/chunks', {}, { out: 6 }],
  ['/chunks', { method: 'HEAD' }, {}],
  ['/declared', {}, { out: 5 }],
  ['/pipe', {}, { out: 6 }],
  ['/empty', {}, {}],
  ['/end-callback', {}, {}],
  ['/wrong', {}, { out: 20 }],
  ['/late', {}, { out: 4 }],
];

const sizesOf = (metrics: readonly Metric[], name: string) => {
  const { points = [], unit } = metrics.findLast((metric) => metric.name === name) ?? {};
  return points.map(({ attributes, count, sum }) => ({ unit, method: attributes['http.request.method'], count, sum }));
};

test.each(WAYS)('%s %j', async (path, options, sizes) => {
  const { ask } = await start({ SIETCH_OTEL_HTTP_BODY_SIZES: 'on' });
  await ask(path, options);
  const { method = 'GET' } = options;
  await receiver.store.waitFor(({ metrics }) => lastPoint(metrics, 'http.server.request.duration'));
  const expected = (sum: number | undefined) => (sum === undefined ? [] : [{ unit: 'By', method, count: 1, sum }]);
  expect(sizesOf(receiver.store.metrics, 'http.server.request.body.size')).toEqual(expected(sizes.in));
  expect(sizesOf(receiver.store.metrics, 'http.server.response.body.size')).toEqual(expected(sizes.out));
});

test('what is compressed counts as it is sent', async () => {
  const { url } = await start({ SIETCH_OTEL_HTTP_BODY_SIZES: 'on' });
  const body = await new Promise<Buffer>((resolve, reject) => {
    const sent = request(`${url}/gzip`, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk)).on('end', () => resolve(Buffer.concat(chunks)));
    });
    sent.on('error', reject).end();
  });
  expect(gunzipSync(body).length).toBeGreaterThan(body.length);
  await receiver.store.waitFor(({ metrics }) => sizesOf(metrics, 'http.server.response.body.size').some(({ sum }) => sum === body.length));
});

test('they change nothing that the app answers, and are off by default', async () => {
  const answers = async (options: Parameters<typeof runWebApp>[1]) => {
    const { app, ask } = await runWebApp(FILE, options);
    const all = [];
    for (const [path, how] of WAYS) {
      const { status, headers, body } = await ask(path, how);
      const { date: _, 'x-trace-id': __, ...rest } = headers;
      all.push({ status, body, ...rest });
    }
    await app.stop();
    return all;
  };
  const env = { OTEL_METRICS_EXPORTER: 'otlp' };
  const bare = await answers({ preload: 'none' });
  expect(await answers({ receiver, env: { ...env, SIETCH_OTEL_HTTP_BODY_SIZES: 'on' } })).toEqual(bare);
  receiver.store.clear();
  expect(await answers({ receiver, env })).toEqual(bare);
  expect(receiver.store.metrics.map(({ name }) => name)).not.toContain('http.server.response.body.size');
});

test('requests under way, until they are answered or given up; one that is handed on counts once, ignored ones do not', async () => {
  const { app, url, ask } = await start({ SIETCH_OTEL_HTTP_IGNORE_PATHS: '/unread' });
  const active = () => {
    const metric = receiver.store.metrics.findLast(({ name }) => name === 'http.server.active_requests');
    return metric?.points.map(({ attributes, value }) => ({ ...attributes, value }));
  };
  const becomes = (value: number) =>
    receiver.store.waitFor(() => {
      const now = active();
      return now?.length === 1 && now[0]?.value === value;
    });
  await ask('/unread', { method: 'POST' });
  const waits = () => app.messages.filter((message) => typeof message === 'object' && message !== null && 'waits' in message).length;
  const watching = async () => {
    const givenUp = request(`${url}/wait`).on('error', () => {});
    givenUp.end();
    await app.waitForMessage(() => waits() === 2 || undefined);
    await becomes(2);
    expect(active()).toEqual([{ 'http.request.method': 'GET', 'url.scheme': 'http', value: 2 }]);
    givenUp.destroy();
    await becomes(1);
    app.send({ word: 'go' });
  };
  await Promise.all([ask('/handed'), watching()]);
  await becomes(0);
});

test('of pipelined requests none is under way when their connection is gone', async () => {
  const { app, url } = await start();
  const { port } = new URL(url);
  const waits = () => app.messages.filter((message) => typeof message === 'object' && message !== null && 'waits' in message).length;
  const client = connect(Number(port), '127.0.0.1').on('error', () => {});
  client.write('GET /wait HTTP/1.1\r\nhost: x\r\n\r\n'.repeat(3));
  await app.waitForMessage(() => waits() === 3 || undefined);
  client.destroy();
  // GET /wait   three of them, each cut off; the later two never had the connection
  const spans = await receiver.store.waitFor(({ spans }) => (spans.length === 3 ? spans : undefined));
  expect(spans.map(({ name, attributes }) => `${name} ${attributes['error.type']}`)).toEqual(Array(3).fill('GET ECONNRESET'));
  await receiver.store.waitFor(({ metrics }) => lastPoint(metrics, 'http.server.active_requests')?.value === 0);
});
