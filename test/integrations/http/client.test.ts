// Outgoing requests of all shapes: what the called service gets, and what of them is kept.
import { createServer, type Server } from 'node:http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runApp } from '../../support/app.ts';
import { allText, type Receiver, type Span, startReceiver } from '../../support/otlp.ts';

let receiver: Receiver;
let called: Server;
let results: Record<string, string>;
let base: string;

beforeAll(async () => {
  receiver = await startReceiver();
  called = createServer((request, response) => {
    if (request.url !== '/slow') response.setHeader('x-answer', 'yes').end(JSON.stringify(request.headersDistinct));
  });
  await new Promise<void>((resolve) => {
    called.listen(0, '127.0.0.1', resolve);
  });
  const address = called.address();
  base = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
  const env = {
    OTEL_METRICS_EXPORTER: 'otlp',
    SIETCH_OTEL_HTTP_QUERY_VALUES: 'page',
    OTEL_INSTRUMENTATION_HTTP_CLIENT_CAPTURE_REQUEST_HEADERS: 'X-Custom,Authorization',
    OTEL_INSTRUMENTATION_HTTP_CLIENT_CAPTURE_RESPONSE_HEADERS: 'x-answer',
  };
  const exit = await runApp('test/app/requests.cjs', { receiver, args: [base], env }).waitForExit();
  expect(exit).toMatchObject({ code: 0 });
  expect(exit.stderr).toContain(
    'SIETCH030 headers with credentials are not captured: OTEL_INSTRUMENTATION_HTTP_CLIENT_CAPTURE_REQUEST_HEADERS: authorization',
  );
  results = JSON.parse(exit.stdout);
});
afterAll(async () => {
  called.closeAllConnections();
  called.close();
  await receiver.close();
});

/** The CLIENT span of a request: the child of the span that has its name. */
async function clientSpan(name: string): Promise<Span> {
  return receiver.store.waitFor(({ spans }) => {
    const parent = spans.find((span) => span.name === name);
    return parent && spans.find((span) => span.kind === 'CLIENT' && span.parentSpanId === parent.spanId);
  });
}

test.each(['http-url', 'http-url-object', 'http-options', 'http-credentials', 'fetch', 'fetch-own-id', 'undici'])('%s', async (name) => {
  const headers = JSON.parse(results[name] ?? '');
  const span = await clientSpan(name);
  const ids = { traceparent: [`00-${span.traceId}-${span.spanId}-03`], 'x-trace-id': [span.traceId] };
  expect(headers).toMatchObject(/options|own-id/.test(name) ? { ...ids, 'x-trace-id': ['of-the-app'] } : ids);

  expect(span.attributes['url.full']).toBe(`${base}/a?token=REDACTED&page=2&REDACTED`);
  if (name === 'undici') {
    expect(span.attributes).toMatchObject({ 'http.request.header.x-custom': ['c'], 'http.response.header.x-answer': ['yes'] });
  }
});

test('headers given as a list go out as they are', async () => {
  const headers = JSON.parse(results['http-header-list'] ?? '');
  expect(headers).toMatchObject({ 'x-one': ['1', '3'], 'x-two': ['2'], host: ['h'], traceparent: [expect.any(String)] });
  expect(headers).not.toHaveProperty('0');
});

test.each([
  ['http-refused', 'ECONNREFUSED', 'Error'],
  ['fetch-refused', 'ECONNREFUSED', 'ECONNREFUSED'],
  ['fetch-aborted-later', 'card 4111', 'RangeError'],
  ['http-destroyed', 'card 4111', 'RangeError'],
])('%s: the app gets its error, the span its type', async (name, result, type) => {
  expect(results[name]).toBe(result);
  const span = await clientSpan(name);
  expect(span.status).toEqual({ code: 'ERROR', message: '' });
  expect(span.attributes['error.type']).toBe(type);
});

test('no secret in anything that was sent', async () => {
  await clientSpan('http-destroyed');
  const text = allText(receiver.store);
  expect(text).toContain('REDACTED');
  for (const secret of ['geheim', 'card 4111']) expect(text).not.toContain(secret);
});

test('the requests of the exporters make no spans and are not measured', async () => {
  const metric = await receiver.store.waitFor(({ metrics }) => metrics.findLast((each) => each.name === 'http.client.request.duration'));
  const ports = new Set(
    receiver.store.metrics
      .filter(({ name }) => name === metric.name)
      .flatMap(({ points }) => points.map((point) => point.attributes['server.port'])),
  );
  expect([...ports].sort()).toEqual([2, Number(new URL(base).port)].sort());
  expect(receiver.store.spans.filter((span) => span.attributes['server.port'] === Number(new URL(receiver.url).port))).toEqual([]);
});
