import { afterAll, beforeAll, expect, test } from 'vitest';
import { allText, type Receiver, spanNamed, spanTree, startReceiver } from '../../support/otlp.ts';
import { type Answer, runWebApp, type WebApp } from '../../support/web-app.ts';

const TRACE_ID = '4bf92f3577b34da6a3ce929d0e0e4736';

let receiver: Receiver;
let web: WebApp;
beforeAll(async () => {
  receiver = await startReceiver();
  web = await runWebApp('test/app/express.cjs', { receiver });
});
afterAll(async () => {
  await web.app.stop();
  await receiver.close();
});

/** The spans of the request that was answered so. */
const spansOf = (answer: Answer) => receiver.store.waitForTrace(String(answer.headers['x-trace-id']));

test('a webhook is one span with the route, and its log line carries it', async () => {
  const answer = await web.ask('/webhooks/paddle?signature=geheim', {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-trace-id': TRACE_ID },
    body: JSON.stringify({ type: 'payment' }),
  });
  const spans = await spansOf(answer);
  // POST /webhooks/:provider   SERVER, root, with the trace id of the caller
  expect(spanTree(spans)).toEqual([{ name: 'POST /webhooks/:provider', kind: 'SERVER', status: 'UNSET', children: [] }]);
  const [span] = spans;
  expect(span).toMatchObject({ traceId: TRACE_ID, parentSpanId: '' });
  expect(span?.attributes).toMatchObject({
    'http.route': '/webhooks/:provider',
    'url.path': '/webhooks/paddle',
    'url.query': 'signature=REDACTED',
    'http.response.status_code': 200,
  });
  expect(answer.headers['x-trace-id']).toBe(TRACE_ID);
  const line = await web.app.waitForLine(/^\{.*"msg":"webhook"\}$/);
  expect(JSON.parse(line[0])).toMatchObject({ trace_id: TRACE_ID, span_id: span?.spanId, trace_flags: '01', type: 'payment' });
});

test.each([
  ['/', '/'],
  ['/api/nothing', '/api/nothing'],
  ['/api/users/7', '/api/users/:id'],
  ['/api', '/api'],
  ['/slashed', '/slashed'],
  ['/slashed/', '/slashed'],
  ['/slashed/users/7', '/slashed/users/:id'],
  ['/tenants/acme/orders/12', '/tenants/:tenant/orders/:order'],
  ['/sub/inner/x', '/sub/inner/:name'],
  ['/files/a.txt', '/files'],
  ['/numbers/42', '/^\\/numbers\\/\\d+$/'],
  ['/two', '/one,/two'],
])('route of %s', async (path, route) => {
  const answer = await web.ask(path);
  expect(answer.status).toBe(200);
  const [span] = await spansOf(answer);
  expect(span?.attributes['http.route']).toBe(route);
  expect(span?.name).toBe(`GET ${route}`);
});

test.each(['/files/none.txt', '/api/users', '/tenants/acme', '/nowhere'])('no route: %s', async (path) => {
  const answer = await web.ask(path);
  const [span] = await spansOf(answer);
  expect(answer.status).toBe(404);
  expect(span?.name).toBe('GET');
  expect(span?.attributes['http.route']).toBeUndefined();
});

test.each([
  ['/boom', 500, 'GET /boom', 'ERROR'],
  ['/later-boom', 418, 'GET /later-boom', 'UNSET'],
  ['/errors/x', 500, 'GET /errors', 'ERROR'],
])('errors: %s', async (path, status, name, code) => {
  const answer = await web.ask(path);
  const span = spanNamed(await spansOf(answer), name);
  expect(answer.status).toBe(status);
  expect(span.status).toEqual({ code, message: '' });
  expect(JSON.stringify(span.events)).not.toContain('41111111');
});

test.each(['require', 'import'] as const)('as ES module, --%s', async (preload) => {
  const { app, ask } = await runWebApp('test/app/express.mjs', { receiver, preload });
  const spans = await spansOf(await ask('/tenants/acme/orders/12'));
  await app.stop();
  expect(spans.map((span) => span.name)).toEqual(['GET /tenants/:tenant/orders/:order']);
});

test('spans for middleware, routers and handlers when asked for', async () => {
  const { app, ask } = await runWebApp('test/app/express.cjs', { receiver, env: { SIETCH_OTEL_HTTP_MIDDLEWARE_SPANS: 'on' } });
  const answer = await ask('/tenants/acme/orders/12');
  const failed = await ask('/boom');
  const spans = await receiver.store.waitForTrace(String(answer.headers['x-trace-id']), (arrived) => arrived.length >= 5);
  const failedSpans = await receiver.store.waitForTrace(String(failed.headers['x-trace-id']), (arrived) => arrived.length >= 4);
  await app.stop();
  // GET /tenants/:tenant/orders/:order      SERVER
  //   middleware - jsonParser               INTERNAL, and those of the app
  //   router - /orders/:order               INTERNAL
  //   request handler - /tenants/…          INTERNAL
  const [root] = spanTree(spans);
  expect(root).toMatchObject({ name: 'GET /tenants/:tenant/orders/:order', kind: 'SERVER' });
  expect(root?.children.map((child) => child.name)).toEqual(
    expect.arrayContaining(['middleware - jsonParser', expect.stringMatching(/^request handler/)]),
  );
  expect(spanNamed(failedSpans, 'GET /boom').kind).toBe('SERVER');
  expect(failedSpans.flatMap((span) => span.events)).not.toEqual([]);
  expect(allText({ spans: failedSpans, logs: [], metrics: [] })).not.toContain('41111111');
});
