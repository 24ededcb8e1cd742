// x-trace-id at the door of a real process: what becomes the trace id, what a correlation id, what nothing.
import { randomBytes } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { allText, lastPoint, type Receiver, spanTree, startReceiver } from '../../support/otlp.ts';
import { runWebApp, type WebApp } from '../../support/web-app.ts';

const TRACE_ID = '4bf92f3577b34da6a3ce929d0e0e4736';
const UUID = '4bf92f35-77b3-4da6-a3ce-929d0e0e4736';
const PARENT = '00f067aa0ba902b7';
const OTHER = 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa';
const TRACEPARENT = `00-${OTHER}-${PARENT}-01`;

let receiver: Receiver;
let web: WebApp;
/** A service that is called; it keeps the headers it got. */
let called: Server;
let calledUrl: string;
const received: IncomingHttpHeaders[] = [];

beforeAll(async () => {
  receiver = await startReceiver();
  web = await runWebApp('test/app/service.cjs', { receiver, env: { OTEL_METRICS_EXPORTER: 'otlp' } });
  called = createServer((request, response) => {
    received.push(request.headers);
    response.end('called');
  });
  await new Promise<void>((resolve) => {
    called.listen(0, '127.0.0.1', resolve);
  });
  const address = called.address();
  calledUrl = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/`;
});
afterAll(async () => {
  await web.app.stop();
  called.close();
  await receiver.close();
});

const rules: readonly (readonly [
  what: string,
  headers: Record<string, string | string[]>,
  traceId: string | undefined,
  id: string | undefined,
])[] = [
  ['nothing', {}, undefined, undefined],
  ['32 hex', { 'x-trace-id': TRACE_ID }, TRACE_ID, undefined],
  ['upper case', { 'X-Trace-ID': TRACE_ID.toUpperCase() }, TRACE_ID, undefined],
  ['a UUID', { 'x-trace-id': UUID }, TRACE_ID, undefined],
  ['traceparent alone', { traceparent: TRACEPARENT }, OTHER, undefined],
  ['traceparent wins', { traceparent: TRACEPARENT, 'x-trace-id': TRACE_ID }, OTHER, undefined],
  ['a traceparent that is none does not', { traceparent: 'nonsense', 'x-trace-id': TRACE_ID }, TRACE_ID, undefined],
  ['a correlation id', { 'x-trace-id': 'order-12' }, undefined, 'order-12'],
  ['traceparent and a correlation id', { traceparent: TRACEPARENT, 'x-trace-id': 'order-12' }, OTHER, 'order-12'],
  ['zeros', { 'x-trace-id': '0'.repeat(32) }, undefined, undefined],
  ['too long', { 'x-trace-id': 'x'.repeat(129) }, undefined, undefined],
  ['not the alphabet', { 'x-trace-id': '<script>' }, undefined, undefined],
  ['twice the same', { 'x-trace-id': [TRACE_ID, TRACE_ID] }, TRACE_ID, undefined],
  ['two of them', { 'x-trace-id': [TRACE_ID, OTHER] }, undefined, undefined],
];

test.each(rules)('%s', async (_what, headers, traceId, correlationId) => {
  receiver.store.clear();
  const answer = await web.ask('/hello', { headers });
  const id = String(answer.headers['x-trace-id']);
  if (traceId === undefined) expect(id).toMatch(/^[\da-f]{32}$/);
  else expect(id).toBe(traceId);
  const spans = await receiver.store.waitForTrace(id);
  // GET   SERVER: a real root, unless traceparent names its parent
  expect(spanTree(spans)).toEqual([{ name: 'GET', kind: 'SERVER', status: 'UNSET', children: [] }]);
  expect(spans[0]?.parentSpanId).toBe(traceId === OTHER ? PARENT : '');
  expect(spans[0]?.attributes['sietch.correlation_id']).toBe(correlationId);
  // The ids of a span are only ever those: nothing else of the header is kept.
  if (traceId === undefined && correlationId === undefined && headers['x-trace-id'] !== undefined) {
    expect(JSON.stringify(answer)).not.toContain(String(headers['x-trace-id']));
    expect(allText(receiver.store)).not.toContain(JSON.stringify(headers['x-trace-id']));
  }
});

test('an id that traceparent has beaten is not kept for the next request', async () => {
  await web.ask('/hello', { headers: { traceparent: TRACEPARENT, 'x-trace-id': TRACE_ID } });
  expect((await web.ask('/hello')).headers['x-trace-id']).not.toBe(TRACE_ID);
});

test('what was ignored is counted', async () => {
  await web.ask('/hello', { headers: { 'x-trace-id': '<script>' } });
  const point = await receiver.store.waitFor((store) => lastPoint(store.metrics, 'sietch.trace_id_header.ignored'));
  expect(point.value).toBeGreaterThanOrEqual(1);
  expect(point.attributes).toEqual({});
});

test('the id is in the log line, and in those of errors and 404s in the response', async () => {
  for (const [path, status] of [
    ['/hello', 200],
    ['/fail', 500],
    ['/nowhere', 404],
  ] as const) {
    const traceId = randomBytes(16).toString('hex');
    const answer = await web.ask(path, { headers: { 'x-trace-id': traceId } });
    expect(answer).toMatchObject({ status, headers: { 'x-trace-id': traceId } });
    const [span] = await receiver.store.waitForTrace(traceId);
    const [line] = await web.app.waitForLine(new RegExp(`^.*${traceId}.*$`));
    expect(JSON.parse(line)).toMatchObject({ trace_id: traceId, span_id: span?.spanId, trace_flags: '01', msg: 'request' });
    expect(JSON.parse(line)).not.toHaveProperty('correlation_id');
  }
});

test('a correlation id is in the log line', async () => {
  await web.ask('/hello', { headers: { 'x-trace-id': 'log-me.1' } });
  const [line] = await web.app.waitForLine(/^.*log-me\.1.*$/);
  expect(JSON.parse(line)).toMatchObject({ correlation_id: 'log-me.1', trace_id: expect.stringMatching(/^[\da-f]{32}$/) });
});

test('access-control-expose-headers is only for who asks for it', async () => {
  expect((await web.ask('/hello')).headers).not.toHaveProperty('access-control-expose-headers');
});

test('a header that the app sets is the one that is sent', async () => {
  expect((await web.ask('/own-id', { headers: { 'x-trace-id': TRACE_ID } })).headers['x-trace-id']).toBe('mine');
});

test.each(['/http', '/fetch'])('%s: the called service gets the ids', async (path) => {
  received.length = 0;
  const answer = await web.ask(`${path}?to=${calledUrl}`, { headers: { 'x-trace-id': 'order-13' } });
  expect(answer.body).toBe('called');
  const traceId = String(answer.headers['x-trace-id']);
  const spans = await receiver.store.waitForTrace(traceId, (arrived) => arrived.length === 2);
  // GET      SERVER
  //   GET    CLIENT, whose id is in the traceparent that it sent
  expect(spanTree(spans)).toMatchObject([{ kind: 'SERVER', children: [{ name: 'GET', kind: 'CLIENT', children: [] }] }]);
  const client = spans.find((span) => span.kind === 'CLIENT');
  expect(received).toEqual([
    expect.objectContaining({
      traceparent: `00-${traceId}-${client?.spanId}-03`,
      'x-trace-id': traceId,
      baggage: 'sietch.correlation_id=order-13',
    }),
  ]);
});

test('50 requests at once keep to their own ids', async () => {
  const ids = Array.from({ length: 50 }, () => randomBytes(16).toString('hex'));
  const answers = await Promise.all(ids.map((id) => web.ask(`/fetch?to=${calledUrl}`, { headers: { 'x-trace-id': id } })));
  expect(answers.map((answer) => answer.headers['x-trace-id'])).toEqual(ids);
  for (const id of ids) {
    const spans = await receiver.store.waitForTrace(id, (arrived) => arrived.length === 2);
    expect(spanTree(spans)).toMatchObject([{ kind: 'SERVER', children: [{ kind: 'CLIENT' }] }]);
  }
});

test('one id for many requests: several roots in one trace', async () => {
  const id = randomBytes(16).toString('hex');
  for (let i = 0; i < 3; i++) await web.ask('/hello', { headers: { 'x-trace-id': id } });
  const spans = await receiver.store.waitForTrace(id, (arrived) => arrived.length === 3);
  expect(spans.map((span) => span.parentSpanId)).toEqual(['', '', '']);
  expect(new Set(spans.map((span) => span.spanId)).size).toBe(3);
});

describe('settings', () => {
  const answerWith = async (env: Record<string, string>, headers: Record<string, string>) => {
    const other = await runWebApp('test/app/service.cjs', { receiver, env });
    try {
      received.length = 0;
      return await other.ask(`/fetch?to=${calledUrl}`, { headers });
    } finally {
      await other.app.stop();
    }
  };

  test('another header, shown to scripts of other origins', async () => {
    const env = { SIETCH_OTEL_TRACE_ID_HEADER: 'X-Request-Id', SIETCH_OTEL_TRACE_ID_EXPOSE: 'on' };
    const answer = await answerWith(env, { 'x-request-id': UUID, 'x-trace-id': OTHER });
    expect(answer.headers).toMatchObject({ 'x-request-id': TRACE_ID, 'access-control-expose-headers': 'x-request-id' });
    expect(answer.headers).not.toHaveProperty('x-trace-id');
    expect(received[0]).toMatchObject({ 'x-request-id': TRACE_ID });
    expect(received[0]).not.toHaveProperty('x-trace-id');
  });

  test('no header at all', async () => {
    const answer = await answerWith({ SIETCH_OTEL_TRACE_ID_HEADER: 'off' }, { 'x-trace-id': TRACE_ID });
    expect(answer.headers).not.toHaveProperty('x-trace-id');
    expect(received[0]?.['traceparent']).toMatch(/^00-/);
    expect(received[0]?.['traceparent']).not.toContain(TRACE_ID);
    expect(received[0]).not.toHaveProperty('x-trace-id');
  });

  test('ids of callers are not taken over, and not given back', async () => {
    const env = { SIETCH_OTEL_TRACE_ID_ACCEPT: 'off', SIETCH_OTEL_TRACE_ID_RESPONSE: 'off' };
    const answer = await answerWith(env, { 'x-trace-id': TRACE_ID });
    expect(answer.headers).not.toHaveProperty('x-trace-id');
    expect(received[0]?.['x-trace-id']).toMatch(/^[\da-f]{32}$/);
    expect(received[0]?.['x-trace-id']).not.toBe(TRACE_ID);
  });

  test('a trace that is not sampled has its id all the same', async () => {
    const answer = await answerWith({ OTEL_TRACES_SAMPLER: 'always_off' }, { 'x-trace-id': TRACE_ID });
    expect(answer.headers['x-trace-id']).toBe(TRACE_ID);
    expect(received[0]).toMatchObject({
      'x-trace-id': TRACE_ID,
      traceparent: expect.stringMatching(new RegExp(`^00-${TRACE_ID}-[\\da-f]{16}-00$`)),
    });
  });
});
