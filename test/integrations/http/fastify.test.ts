import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Preload, runApp } from '../../support/app.ts';
import { allText, type Receiver, spanNamed, spanTree, startReceiver } from '../../support/otlp.ts';
import { type Answer, runWebApp, type WebApp } from '../../support/web-app.ts';

const TRACE_ID = '4bf92f3577b34da6a3ce929d0e0e4736';

let receiver: Receiver;
beforeAll(async () => {
  receiver = await startReceiver();
});
afterAll(() => receiver.close());

const spansOf = (answer: Answer) => receiver.store.waitForTrace(String(answer.headers['x-trace-id']));

const ways: readonly (readonly [file: string, preload: Preload])[] = [
  ['test/app/fastify.cjs', 'require'],
  ['test/app/fastify.mjs', 'require'],
  ['test/app/fastify.mjs', 'import'],
];

describe.each(ways)('%s --%s', (file, preload) => {
  let web: WebApp;
  beforeAll(async () => {
    web = await runWebApp(file, { receiver, preload });
  });
  afterAll(() => web.app.stop());

  test('a webhook is one span with the route, and its log lines carry it', async () => {
    receiver.store.clear();
    const answer = await web.ask('/webhooks/paddle?signature=geheim', {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-trace-id': TRACE_ID },
      body: JSON.stringify({ type: 'payment' }),
    });
    expect(answer.headers['x-trace-id']).toBe(TRACE_ID);
    const spans = await spansOf(answer);
    // POST /webhooks/:provider   SERVER, root, with the trace id of the caller
    expect(spanTree(spans)).toEqual([{ name: 'POST /webhooks/:provider', kind: 'SERVER', status: 'UNSET', children: [] }]);
    const [span] = spans;
    expect(span).toMatchObject({ traceId: TRACE_ID, parentSpanId: '' });
    expect(span?.attributes).toMatchObject({ 'http.route': '/webhooks/:provider', 'url.query': 'signature=REDACTED' });
    const fields = { trace_id: TRACE_ID, span_id: span?.spanId, trace_flags: '01' };
    // Fastify's own lines, and that of the app after the body was read, through a child logger of the request.
    for (const message of ['incoming request', 'webhook', 'request completed']) {
      const [line] = await web.app.waitForLine(new RegExp(`^\\{.*"msg":"${message}"\\}$`));
      expect(JSON.parse(line)).toMatchObject(fields);
    }
  });

  test('the route of a plugin has its prefix', async () => {
    spanNamed(await spansOf(await web.ask('/tenants/acme/orders/12')), 'GET /tenants/:tenant/orders/:order');
  });

  test('no route', async () => {
    const answer = await web.ask('/nowhere');
    expect(answer.status).toBe(404);
    expect(spanNamed(await spansOf(answer), 'GET').attributes['http.route']).toBeUndefined();
  });

  test('an error: status 500, nothing of its message', async () => {
    const answer = await web.ask('/boom');
    expect(answer.status).toBe(500);
    const span = spanNamed(await spansOf(answer), 'GET /boom');
    expect(span.status).toEqual({ code: 'ERROR', message: '' });
    expect(span.events).toEqual([]);
  });

  test('an x-trace-id that the app sets is the one that is sent', async () => {
    expect((await web.ask('/own-id')).headers['x-trace-id']).toBe('mine');
  });
});

test('spans for hooks and handlers when asked for: those of the app’s @fastify/otel, without query and error message', async () => {
  const web = await runWebApp('test/app/fastify.cjs', { receiver, env: { SIETCH_OTEL_HTTP_MIDDLEWARE_SPANS: 'on' } });
  const answer = await web.ask('/boom?card=4111111111111111');
  const spans = await receiver.store.waitForTrace(String(answer.headers['x-trace-id']), (arrived) => arrived.length >= 4);
  await web.app.stop();
  // GET /boom                             SERVER
  //   request                             INTERNAL
  //     preHandler - anonymous            INTERNAL, the hook
  //     handler - …                       INTERNAL, ERROR
  const [root] = spanTree(spans);
  expect(root).toMatchObject({ name: 'GET /boom', kind: 'SERVER', children: [{ name: 'request', status: 'ERROR' }] });
  expect(root?.children[0]?.children.map((child) => child.status)).toEqual(['UNSET', 'ERROR']);
  expect(allText({ spans, logs: [], metrics: [] })).not.toContain('41111111');
});

test('the one hook of ours has a name where Fastify prints hooks; all else is printed as without us', async () => {
  const [bare, observed] = await Promise.all(
    (['none', 'require'] as const).map((preload) => runApp('test/app/fastify-print.cjs', { preload }).waitForExit(60_000)),
  );
  expect(observed?.stdout).toContain('(onRequest) ["sietchOtelRoute()","ofTheApp()"]');
  expect(observed?.stdout.replaceAll('"sietchOtelRoute()",', '')).toBe(bare?.stdout);
});
