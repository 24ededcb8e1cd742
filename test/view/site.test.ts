import { request as httpRequest } from 'node:http';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type Receiver, startReceiver } from '../../src/view/receiver.js';
import { createSite } from '../../src/view/site.js';
import { TraceStore } from '../../src/view/trace-store.js';
import { makeLog, makeSpan, spanId, TRACE_ID } from './spans.ts';

const OTHER_ID = 'f'.repeat(32);
const HOSTILE = `"><script>alert('x')</script>`;

let viewer: Receiver;
beforeAll(async () => {
  const store = new TraceStore();
  viewer = await startReceiver({ store, handler: createSite(store, { allowedHosts: ['127.0.0.1', 'viewer.local'] }) });
});
afterAll(() => viewer?.close());
beforeEach(() => {
  viewer.store.clear();
  viewer.store.add({
    spans: [
      makeSpan('1', '', 'POST /webhooks', 0, 10, { kind: 'SERVER' }),
      makeSpan('2', '1', 'SELECT', 2, 5, { attributes: { 'db.query.text': 'SELECT 1', rows: 3 }, service: 'worker' }),
      makeSpan('3', '', 'broken', 0, 1, { traceId: OTHER_ID, service: 'worker', status: { code: 'ERROR', message: 'timeout' } }),
    ],
    logs: [makeLog('2', 'slow query', 4, { severityText: '', severityNumber: 13, attributes: { ms: 3 } })],
    metrics: [],
  });
});

interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: string;
}

function get(path: string, options: { method?: string; host?: string } = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const headers = options.host === undefined ? {} : { host: options.host };
    const request = httpRequest(`${viewer.url}${path}`, { method: options.method ?? 'GET', headers, agent: false }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        body += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }));
    });
    request.on('error', reject).end();
  });
}

async function traceIds(query: string): Promise<string[]> {
  const { status, body } = await get(`/api/traces${query}`);
  expect(status).toBe(200);
  const { traces }: { traces: { traceId: string }[] } = JSON.parse(body);
  return traces.map((trace) => trace.traceId);
}

test('the API lists traces with what is in them', async () => {
  const { headers, body } = await get('/api/traces?q=4bf9');
  expect(headers['content-type']).toBe('application/json');
  expect(JSON.parse(body)).toMatchObject({
    traces: [
      {
        traceId: TRACE_ID,
        name: 'POST /webhooks',
        service: 'api',
        services: ['api', 'worker'],
        startTimeUnixNano: '1700000000000000000',
        durationMs: 10,
        spanCount: 2,
        errorCount: 0,
        logCount: 1,
      },
    ],
    total: 1,
    services: ['api', 'worker'],
    totals: { traces: 2, spans: 3, logs: 1, droppedSpans: 0 },
  });
});

test.each([
  ['', [OTHER_ID, TRACE_ID]],
  ['?limit=1', [OTHER_ID]],
  ['?q=4BF9', [TRACE_ID]],
  ['?service=api', [TRACE_ID]],
  ['?service=worker', [OTHER_ID, TRACE_ID]],
  ['?service=worker&error=true', [OTHER_ID]],
  ['?service=nobody', []],
])('search %s', async (query, expected) => {
  expect(await traceIds(query)).toEqual(expected);
});

test.each(['?minMs=xyz', `?q=${'a'.repeat(1_001)}`, '?limit=0', '?limit=1001', '?limit=ten'])('%s is a bad request', async (query) => {
  const { status, body } = await get(`/api/traces${query}`);
  expect(status).toBe(400);
  expect(JSON.parse(body)).toEqual({ message: expect.stringContaining('expected') });
});

test('the API gives one trace whole', async () => {
  const { body } = await get(`/api/traces/${TRACE_ID.toUpperCase()}`);
  expect(JSON.parse(body)).toMatchObject({
    traceId: TRACE_ID,
    spans: [{ name: 'POST /webhooks' }, { name: 'SELECT', startTimeUnixNano: '1700000000002000000', attributes: { rows: 3 } }],
    logs: [{ body: 'slow query', spanId: spanId('2') }],
  });
  expect((await get(`/api/traces/${'0'.repeat(31)}1`)).status).toBe(404);
  expect((await get('/api/traces/nonsense')).status).toBe(404);
  expect((await get('/api/nothing')).status).toBe(404);
});

test('the page shows the list, the waterfall, details and log records of the chosen trace', async () => {
  const { status, headers, body } = await get(`/?trace=${TRACE_ID}`);
  expect(status).toBe(200);
  expect(headers['content-type']).toBe('text/html; charset=utf-8');
  expect(body).toContain('<title>POST /webhooks · sietch-otel view</title>');
  expect(body).toContain(`href="/?trace=${OTHER_ID}"`);
  expect(body).toContain(`href="/?trace=${TRACE_ID}" aria-current="true"`);
  // SELECT runs from 20% of the trace on, for 30% of it; its log record was written at 40%.
  expect(body).toContain('<span class="bar" style="left:20%;width:30%"></span><span class="mark warn" style="left:40%"');
  expect(body).toContain('<td>db.query.text</td><td class="mono">SELECT 1</td>');
  expect(body).toMatch(/\+4\.0ms[\s\S]*WARN[\s\S]*slow query[\s\S]*ms=3[\s\S]*href="#span-0000000000000002">SELECT/);
});

test('the page searches, and keeps the search in the links of its list', async () => {
  const { body } = await get('/?service=worker&error=true');
  expect(body).toContain('<option value="worker" selected>');
  expect(body).toContain('value="true" checked');
  expect(body).toContain(`href="/?service=worker&amp;error=true&amp;trace=${OTHER_ID}"`);
  expect(body).not.toContain(`trace=${TRACE_ID}`);
  // A search that finds one trace by its id shows it.
  expect((await get('/?id=4bf9')).body).toContain('aria-label="Waterfall"');
  expect((await get('/?id=nonsense')).body).toContain('up to 32 hexadecimal digits');
  expect((await get(`/?trace=${'1'.repeat(32)}`)).body).toContain('No such trace');
  viewer.store.clear();
  expect((await get('/')).body).toContain('--require @sietch/otel/register');
});

test('what a sender wrote is text on the page, wherever it stands', async () => {
  viewer.store.clear();
  const attributes = { [HOSTILE]: HOSTILE, nested: { [HOSTILE]: [HOSTILE] } };
  viewer.store.add({
    spans: [
      makeSpan('1', '', HOSTILE, 0, 1, {
        service: HOSTILE,
        attributes,
        resource: attributes,
        resourceSchemaUrl: HOSTILE,
        scope: { name: HOSTILE, version: HOSTILE, schemaUrl: HOSTILE, attributes },
        status: { code: 'ERROR', message: HOSTILE },
        events: [{ name: HOSTILE, timeUnixNano: 0n, attributes }],
        links: [{ traceId: OTHER_ID, spanId: spanId('9'), traceState: HOSTILE, attributes }],
      }),
    ],
    logs: [makeLog('1', HOSTILE, 0, { severityText: HOSTILE, service: HOSTILE, attributes: { ...attributes, long: HOSTILE.repeat(20) } })],
    metrics: [],
  });
  const query = new URLSearchParams({ id: HOSTILE, service: HOSTILE, trace: TRACE_ID });
  for (const path of [`/?trace=${TRACE_ID}`, `/?${query}`, `/?trace=${encodeURIComponent(HOSTILE)}`]) {
    const { body } = await get(path);
    // The page's one script is its own.
    expect(body.match(/<script/g)).toHaveLength(1);
    expect(body).not.toContain(HOSTILE);
    expect(body).toContain('&lt;script&gt;alert(');
  }
});

test('the page loads nothing from elsewhere and runs only its own script', async () => {
  const { headers, body } = await get(`/?trace=${TRACE_ID}`);
  expect(headers['content-security-policy']).toMatch(/^default-src 'none'; .*script-src 'sha256-[\w+/]+=*';/);
  expect(headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer', 'cache-control': 'no-store' });
  const addresses = [...body.matchAll(/(?:src|href|action)="([^"]*)"/g)].map(([, address]) => address ?? '');
  expect(addresses.filter((address) => !/^(\/|#|data:image\/svg)/.test(address))).toEqual([]);
});

test('HEAD answers without a body, other methods are refused', async () => {
  expect(await get('/', { method: 'HEAD' })).toMatchObject({ status: 200, body: '' });
  expect(await get('/', { method: 'POST' })).toMatchObject({ status: 405, headers: { allow: 'GET, HEAD' } });
  expect(await get('/api/traces', { method: 'DELETE' })).toMatchObject({ status: 405 });
  // What is not the page's is the receiver's.
  expect(await get('/v1/traces')).toMatchObject({ status: 405, headers: { allow: 'POST' } });
  expect(await get('/favicon.ico')).toMatchObject({ status: 404 });
});

test('the page answers only to names of this machine: no web site can read it by a name of its own', async () => {
  // A web site cannot have an address for a name.
  for (const host of [
    'localhost:4318',
    '[::1]:4318',
    '127.0.0.1',
    'viewer.local:80',
    'Viewer.Local',
    'x.localhost',
    '192.168.1.7:4318',
    '[fe80::1]',
  ])
    expect((await get('/', { host })).status).toBe(200);
  for (const host of ['evil.example', 'localhost.evil.example:4318', '127.0.0.1.evil.example', '1.2.3', '[evil.example]']) {
    expect((await get('/', { host })).status).toBe(403);
    expect((await get('/api/traces', { host })).status).toBe(403);
  }
});

test('a long list ends with how to see more of it', async () => {
  viewer.store.clear();
  const spans = Array.from({ length: 450 }, (_, index) => makeSpan('1', '', 'x', 0, 1, { traceId: String(index + 1).padStart(32, '0') }));
  viewer.store.add({ spans, logs: [], metrics: [] });
  const listed = async (path: string) => {
    const { body } = await get(path);
    const [, more] = /<p class="more[^>]*>.*?<a href="([^"]*)"/.exec(body) ?? [];
    return { count: body.match(/<div class="item"><b>/g)?.length, more: more?.replaceAll('&amp;', '&') };
  };
  const first = await listed(`/?service=api&trace=${'1'.padStart(32, '0')}`);
  expect(first).toEqual({ count: 200, more: `/?service=api&limit=400&trace=${'1'.padStart(32, '0')}` });
  const second = await listed(first.more ?? '');
  expect(second).toMatchObject({ count: 400, more: expect.stringContaining('limit=600') });
  expect(await listed(second.more ?? '')).toEqual({ count: 450, more: undefined });
});

test('a trace of large spans is cut, and says so; the API gives it whole', async () => {
  viewer.store.clear();
  const attributes = Object.fromEntries(Array.from({ length: 20 }, (_, index) => [index, 'x'.repeat(50_000)]));
  const spans = Array.from({ length: 10 }, (_, index) =>
    makeSpan(String(index + 1), '', `span ${index}`, index, index + 1, { attributes }),
  );
  viewer.store.add({ spans, logs: [], metrics: [] });
  expect((await get(`/?trace=${TRACE_ID}`)).body).toContain('3 spans more');
  expect(JSON.parse((await get(`/api/traces/${TRACE_ID}`)).body).spans).toHaveLength(10);
  expect(await get(`/api/traces/${TRACE_ID}`, { method: 'HEAD' })).toMatchObject({ status: 200, body: '' });
});

test('a trace of many spans is cut, and says so', async () => {
  viewer.store.clear();
  const spans = Array.from({ length: 2_005 }, (_, index) =>
    makeSpan(String(index + 1), index === 0 ? '' : '1', `span ${index}`, index, index + 1),
  );
  viewer.store.add({ spans, logs: [], metrics: [] });
  const { body } = await get(`/?trace=${TRACE_ID}`);
  expect(body.match(/<details id=/g)).toHaveLength(2_000);
  expect(body).toContain('5 spans more');
});
