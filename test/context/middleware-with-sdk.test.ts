// traceMiddleware under the preload: no second span, no second id; with the http integration off, one span of its own.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Receiver, spanTree, startReceiver } from '../support/otlp.ts';
import { runWebApp } from '../support/web-app.ts';

const TRACE_ID = '4bf92f3577b34da6a3ce929d0e0e4736';

let receiver: Receiver;
beforeAll(async () => {
  receiver = await startReceiver();
});
afterAll(() => receiver.close());

test.each([
  ['beside the http integration', {}, 'GET /seen', 'GET /fail'],
  ['without the http integration', { OTEL_NODE_DISABLED_INSTRUMENTATIONS: 'http' }, 'GET', 'GET'],
])('%s', async (_what, env, name, failedName) => {
  receiver.store.clear();
  const { app, ask } = await runWebApp('test/app/middleware.cjs', { receiver, env });
  const answer = await ask('/seen', { headers: { 'x-trace-id': TRACE_ID } });
  const failed = await ask('/fail');
  const spans = await receiver.store.waitForTrace(TRACE_ID);
  const failedSpans = await receiver.store.waitForTrace(String(failed.headers['x-trace-id']));
  await app.stop();

  expect(answer.headers['x-trace-id']).toBe(TRACE_ID);
  expect(JSON.parse(answer.body)).toEqual({ trace_id: TRACE_ID, span_id: spans[0]?.spanId, trace_flags: '01' });
  // GET /seen   SERVER, root
  expect(spanTree(spans)).toEqual([{ name, kind: 'SERVER', status: 'UNSET', children: [] }]);
  expect(spans[0]).toMatchObject({ parentSpanId: '', attributes: { 'http.request.method': 'GET', 'http.response.status_code': 200 } });
  expect(spanTree(failedSpans)).toEqual([{ name: failedName, kind: 'SERVER', status: 'ERROR', children: [] }]);
});

test('with spans going nowhere the ids are those of the middleware', async () => {
  const { app, ask } = await runWebApp('test/app/middleware.cjs');
  const answer = await ask('/seen', { headers: { 'x-trace-id': TRACE_ID } });
  await app.stop();
  expect(answer.headers['x-trace-id']).toBe(TRACE_ID);
  expect(JSON.parse(answer.body)).toMatchObject({ trace_id: TRACE_ID, trace_flags: '00' });
});
