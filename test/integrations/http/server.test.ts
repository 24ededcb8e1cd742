// Incoming requests: what is left out, what is kept of headers and errors.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { lastPoint, type Receiver, spanTree, startReceiver } from '../../support/otlp.ts';
import { ask, runWebApp, type WebApp } from '../../support/web-app.ts';

let receiver: Receiver;
let web: WebApp;
beforeAll(async () => {
  receiver = await startReceiver();
  web = await runWebApp('test/app/service.cjs', {
    receiver,
    env: {
      OTEL_METRICS_EXPORTER: 'prometheus,otlp',
      SIETCH_OTEL_HTTP_IGNORE_PATHS: '/headers, /own*',
      OTEL_INSTRUMENTATION_HTTP_SERVER_CAPTURE_REQUEST_HEADERS: 'X-Event-Type, Cookie',
      OTEL_INSTRUMENTATION_HTTP_SERVER_CAPTURE_RESPONSE_HEADERS: 'X-Trace-Id',
    },
  });
});
afterAll(async () => {
  await web.app.stop();
  await receiver.close();
});

test('ignored paths make no spans, carry no header, and are not measured', async () => {
  for (const path of ['/headers', '/headers?a=1', '/own-id']) {
    const answer = await web.ask(path);
    expect(answer.status).toBe(200);
    expect(answer.headers['x-trace-id'] ?? 'mine').toBe('mine');
  }
  const answer = await web.ask('/headers/x');
  expect(answer.status).toBe(404);
  await receiver.store.waitForTrace(String(answer.headers['x-trace-id']));
  expect(receiver.store.spans.map((span) => span.attributes['url.path'])).toEqual(['/headers/x']);
  const point = await receiver.store.waitFor(({ metrics }) => lastPoint(metrics, 'http.server.request.duration'));
  expect(point).toMatchObject({ count: 1, attributes: { 'http.request.method': 'GET', 'http.response.status_code': 404 } });
});

test('a scrape of our metrics makes no span and is not measured', async () => {
  const [, url = ''] = await web.app.waitForLine(/metrics to (http:\S+\/metrics)/);
  const scrape = await ask(url);
  expect(scrape.status).toBe(200);
  expect(scrape.headers).not.toHaveProperty('x-trace-id');
  const answer = await web.ask('/hello');
  await receiver.store.waitForTrace(String(answer.headers['x-trace-id']));
  expect(receiver.store.spans.filter((span) => span.attributes['url.path'] === '/metrics')).toEqual([]);
  const counts = [...(await ask(url)).body.matchAll(/^http_server_request_duration_seconds_count\S* (\d+)/gm)].map(([, count]) =>
    Number(count),
  );
  expect(counts.reduce((sum, count) => sum + count, 0)).toBe(receiver.store.spans.length);
});

test('headers that were asked for are kept, credentials never', async () => {
  const answer = await web.ask('/hello', {
    headers: { 'x-event-type': 'payment', cookie: 'session=geheim', authorization: 'Bearer geheim' },
  });
  const [span] = await receiver.store.waitForTrace(String(answer.headers['x-trace-id']));
  expect(span?.attributes).toMatchObject({
    'http.request.header.x-event-type': ['payment'],
    'http.response.header.x-trace-id': [answer.headers['x-trace-id']],
  });
  expect(JSON.stringify(span?.attributes)).not.toContain('geheim');
  await web.app.waitForLine(/SIETCH030 .* not captured: OTEL_INSTRUMENTATION_HTTP_SERVER_CAPTURE_REQUEST_HEADERS: cookie/);
});

test('a handler that throws: the type of the error, not its message', async () => {
  receiver.store.clear();
  const { app, ask: askThrowing } = await runWebApp('test/app/throwing.cjs', { receiver });
  const answer = await askThrowing('/boom');
  const spans = await receiver.store.waitForTrace(String(answer.headers['x-trace-id']));
  await app.stop();
  expect(answer.status).toBe(500);
  // GET   SERVER, ERROR
  expect(spanTree(spans)).toEqual([{ name: 'GET', kind: 'SERVER', status: 'ERROR', children: [] }]);
  const [span] = spans;
  expect(span?.status.message).toBe('');
  expect(span?.attributes['error.type']).toBe('RangeError');
  expect(span?.events.map((event) => event.name)).toEqual(['exception']);
  const exception = span?.events[0]?.attributes;
  expect(Object.keys(exception ?? {}).sort()).toEqual(['exception.stacktrace', 'exception.type']);
  expect(exception?.['exception.stacktrace']).toMatch(/^RangeError\n +at \S+.*throwing\.cjs:8/);
});
