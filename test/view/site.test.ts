import { request as httpRequest } from 'node:http';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type Receiver, startReceiver } from '../../src/view/receiver.js';
import { createSite } from '../../src/view/site.js';
import { TraceStore } from '../../src/view/trace-store.js';
import { makeLog, makeSpan, spanId, TRACE_ID } from './spans.ts';

const OTHER_ID = 'f'.repeat(32);

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

test('the page loads nothing from elsewhere and runs only its own script', async () => {
  const { headers } = await get(`/traces/${TRACE_ID}`);
  expect(headers['content-security-policy']).toMatch(/^default-src 'none'; .*style-src 'self'; script-src 'self'; connect-src 'self';/);
  expect(headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer', 'cache-control': 'no-store' });
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
