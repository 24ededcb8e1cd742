// The JSON API of the viewer beyond lists of traces: logs, metrics, queues, files, events; and who may not use it.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { get as httpGet } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type Added, TOKEN_HEADER } from '../../src/view/api.js';
import type { DeadLetters } from '../../src/view/machine.js';
import { makeLog, makeSpan, spanId, TRACE_ID } from './spans.ts';
import { startViewer, type Viewer } from './viewer-site.ts';

const replayed: string[] = [];
const deadLetters: DeadLetters = {
  list: async (queue) =>
    queue === 'mails'
      ? [
          {
            id: 'a/b',
            type: 'paid',
            reason: 'no',
            receivedAt: '2026-01-01T00:00:00Z',
            diedAt: '2026-01-01T00:00:01Z',
            replays: 0,
            store: 'redis',
          },
        ]
      : undefined,
  replay: async (queue, id) => {
    if (queue !== 'mails' || id !== 'a/b') return false;
    replayed.push(id);
    return true;
  },
};
const status = { version: '1.2.3', http: 'http://127.0.0.1:4318', grpc: 'http://127.0.0.1:4317', redis: true, scraped: [] };

let folder: string;
let viewer: Viewer;
let bare: Viewer;
let token: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sietch-page-'));
  mkdirSync(join(folder, 'assets'));
  writeFileSync(join(folder, 'index.html'), '<meta name="sietch-view-token" content="%TOKEN%"><script src="/assets/page.js"></script>');
  writeFileSync(join(folder, 'assets', 'page.js'), 'alert(1)');
  writeFileSync(join(folder, 'assets', 'page.js.map'), '{}');
  viewer = await startViewer({ now: async () => ({ processes: [] }), status: () => status, deadLetters }, folder);
  bare = await startViewer({ now: async () => ({ processes: [] }), status: () => ({ ...status, redis: false }) });
  token = /content="([^"]+)"/.exec((await viewer.get('/')).body)?.[1] ?? '';
});
afterAll(async () => {
  await Promise.all([viewer?.receiver.close(), bare?.receiver.close()]);
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(() => {
  viewer.store.clear();
  viewer.metrics.clear();
  replayed.length = 0;
});

test('the built page is served at each of its addresses, its assets by name, with a policy that runs nothing else', async () => {
  expect(token).toMatch(/^[\w-]{32}$/);
  for (const path of ['/', '/traces', `/traces/${TRACE_ID}`, '/logs', '/metrics', '/queues', '/now']) {
    const { status: code, headers, body } = await viewer.get(path);
    expect(code).toBe(200);
    expect(body).toContain(`content="${token}"`);
    expect(headers['content-security-policy']).toMatch(/^default-src 'none'; .*style-src 'self'; script-src 'self'; connect-src 'self';/);
  }
  expect(await viewer.get('/assets/page.js')).toMatchObject({
    status: 200,
    body: 'alert(1)',
    headers: { 'content-type': 'text/javascript; charset=utf-8', 'x-content-type-options': 'nosniff' },
  });
  for (const path of ['/assets/page.js.map', '/assets/../index.html', '/assets/..%2findex.html', '/assets/', '/other', '/traces/a/b'])
    expect((await viewer.get(path)).status).toBe(404);
});

test('log records, the last first, page by page', async () => {
  viewer.store.add({
    spans: [],
    logs: [
      makeLog('1', 'started', 1),
      makeLog('1', 'slow query', 2, { severityNumber: 13, severityText: 'WARN', attributes: { statement: 'SELECT' } }),
      makeLog('2', 'failed', 3, { severityNumber: 0, severityText: 'error', service: 'worker', traceId: 'f'.repeat(32) }),
    ],
    metrics: [],
  });
  const bodies = async (query: string) => {
    const answer = JSON.parse((await viewer.get(`/api/logs${query}`)).body);
    return [answer.logs.map(({ body }: { body: string }) => body).join(), answer.total];
  };
  expect(await bodies('')).toEqual(['failed,slow query,started', 3]);
  expect(await bodies('?severity=warn')).toEqual(['failed,slow query', 2]);
  expect(await bodies('?severity=error')).toEqual(['failed', 1]);
  expect(await bodies('?q=SELECT')).toEqual(['slow query', 1]);
  expect(await bodies(`?trace=${TRACE_ID}&service=api`)).toEqual(['slow query,started', 2]);
  const { logs, services } = JSON.parse((await viewer.get('/api/logs?limit=1')).body);
  expect(logs).toMatchObject([{ id: 3, body: 'failed', timeUnixNano: '1700000000003000000' }]);
  expect(services).toEqual(['api', 'worker']);
  expect(await bodies('?limit=1&before=3')).toEqual(['slow query', 3]);
  for (const query of ['?severity=loud', '?trace=1', '?limit=0', '?before=x'])
    expect((await viewer.get(`/api/logs${query}`)).status).toBe(400);
});

test('the numbers of log records go on when the oldest are dropped', async () => {
  for (let index = 0; index < 60; index++) {
    const logs = Array.from({ length: 1_000 }, (_, at) => makeLog('', `${index * 1_000 + at + 1}`, 0, { traceId: '' }));
    viewer.store.add({ spans: [], logs, metrics: [] });
  }
  const { logs } = JSON.parse((await viewer.get('/api/logs?limit=3')).body);
  expect(logs.map(({ id, body }: { id: number; body: string }) => `${id}=${body}`)).toEqual(['60000=60000', '59999=59999', '59998=59998']);
  expect(viewer.store.counts.droppedLogs).toBeGreaterThanOrEqual(10_000);
});

test('metrics and their series', async () => {
  const resource = { attributes: [{ key: 'service.name', value: { stringValue: 'api' } }] };
  const dataPoints = [{ asDouble: 3, timeUnixNano: '20', attributes: [{ key: 'a', value: { stringValue: 'b' } }] }];
  const body = { resourceMetrics: [{ resource, scopeMetrics: [{ metrics: [{ name: 'depth', unit: '{job}', gauge: { dataPoints } }] }] }] };
  expect((await viewer.post('/v1/metrics', JSON.stringify(body))).status).toBe(200);
  expect(JSON.parse((await viewer.get('/api/metrics')).body).metrics).toMatchObject([
    { name: 'depth', unit: '{job}', type: 'gauge', series: 1 },
  ]);
  expect(JSON.parse((await viewer.get('/api/metrics/series?name=depth&service=api')).body)).toEqual({
    series: [{ service: 'api', instance: '', attributes: { a: 'b' }, points: [{ t: '20', value: 3 }], exemplars: [] }],
    total: 1,
  });
  expect(JSON.parse((await viewer.get('/api/metrics/series?name=depth&service=other')).body)).toEqual({ series: [], total: 0 });
  expect((await viewer.get('/api/metrics/series')).status).toBe(400);
  expect(JSON.parse((await viewer.get('/api/queues')).body)).toEqual({ queues: [], breakers: [] });
});

test('statements and routes are counted together', async () => {
  const query = (id: string, text: string, ms: number, more = {}) =>
    makeSpan(id, '1', 'SELECT', 0, ms, { attributes: { 'db.query.text': text, 'db.system.name': 'postgresql' }, ...more });
  const request = (id: string, more = {}) =>
    makeSpan(id, '', 'POST /w', 0, 9, {
      kind: 'SERVER',
      attributes: { 'http.route': '/w', 'http.request.method': 'POST', 'error.type': '500' },
      ...more,
    });
  viewer.store.add({
    spans: [
      request('1', { status: { code: 'ERROR', message: '' } }),
      request('5'),
      makeSpan('6', '', 'process mails', 0, 1, { kind: 'CONSUMER' }),
      query('2', 'SELECT 1', 2),
      query('3', 'SELECT 1', 7, { status: { code: 'ERROR', message: '' } }),
      query('4', 'SELECT 2', 1),
    ],
    logs: [],
    metrics: [],
  });
  expect(JSON.parse((await viewer.get('/api/statements')).body).statements).toEqual([
    {
      statement: 'SELECT 1',
      system: 'postgresql',
      service: 'api',
      calls: 2,
      errors: 1,
      totalMs: 9,
      maxMs: 7,
      slowest: { traceId: TRACE_ID, spanId: spanId('3') },
    },
    {
      statement: 'SELECT 2',
      system: 'postgresql',
      service: 'api',
      calls: 1,
      errors: 0,
      totalMs: 1,
      maxMs: 1,
      slowest: { traceId: TRACE_ID, spanId: spanId('4') },
    },
  ]);
  expect(JSON.parse((await viewer.get('/api/routes?service=api')).body).routes).toEqual([
    { route: 'POST /w', service: 'api', calls: 2, errors: 1, errorTypes: { 500: 1 }, maxMs: 9, failedTraces: [TRACE_ID] },
    { route: 'process mails', service: 'api', calls: 1, errors: 0, errorTypes: {}, maxMs: 1, failedTraces: [] },
  ]);
  expect(JSON.parse((await viewer.get('/api/statements?q=select%202')).body).statements).toHaveLength(1);
});

test('a trace is exported as a file, and imported from it', async () => {
  viewer.store.add({ spans: [makeSpan('1', '', 'POST', 0, 1)], logs: [makeLog('1', 'hello', 0)], metrics: [] });
  const { headers, body } = await viewer.get(`/api/traces/${TRACE_ID}/export`);
  expect(headers['content-disposition']).toBe(`attachment; filename="trace-${TRACE_ID}.json"`);
  viewer.store.clear();
  const imported = await viewer.post('/api/import', body, { [TOKEN_HEADER]: token });
  expect(imported).toMatchObject({ status: 200, body: JSON.stringify({ traceIds: [TRACE_ID] }) });
  expect(viewer.store.trace(TRACE_ID)).toMatchObject({ spans: [{ name: 'POST' }], logs: [{ body: 'hello' }] });
  expect((await viewer.get(`/api/traces/${'1'.repeat(32)}/export`)).status).toBe(404);
  for (const file of ['nonsense', '{}', '{"resourceSpans":1}', '['.repeat(1_000_000)])
    expect(await viewer.post('/api/import', file, { [TOKEN_HEADER]: token })).toMatchObject({
      status: 400,
      body: expect.stringContaining('the file was not read'),
    });
  expect((await viewer.post('/api/import', ' '.repeat(20 * 1024 * 1024 + 1), { [TOKEN_HEADER]: token })).status).toBe(413);
});

test('dead letters are listed, and replayed by the page alone', async () => {
  expect(JSON.parse((await viewer.get('/api/queues/mails/dead-letters')).body).deadLetters).toMatchObject([{ id: 'a/b' }]);
  expect((await viewer.get('/api/queues/other/dead-letters')).status).toBe(404);
  const replay = (path: string, headers: Record<string, string> = { [TOKEN_HEADER]: token }) => viewer.post(path, '{}', headers);
  expect(await replay('/api/queues/mails/dead-letters/a%2Fb/replay')).toMatchObject({ status: 200, body: '{"replayed":"a/b"}' });
  expect((await replay('/api/queues/mails/dead-letters/c/replay')).status).toBe(404);
  expect((await replay('/api/queues/mails/dead-letters/%ff/replay')).status).toBe(400);
  expect(replayed).toEqual(['a/b']);
  expect(await bare.get('/api/queues/mails/dead-letters')).toMatchObject({
    status: 409,
    body: expect.stringContaining('--redis redis://'),
  });
});

test.each<[string, Record<string, string>, number]>([
  ['no token', {}, 403],
  ['another token', { [TOKEN_HEADER]: 'x'.repeat(32) }, 403],
  ['another origin', { origin: 'https://evil.example' }, 403],
  ['no origin', { origin: 'null' }, 403],
  ['another port of this machine', { origin: 'http://127.0.0.1:1' }, 403],
  ['another site', { 'sec-fetch-site': 'cross-site' }, 403],
  ['the same site, not the same origin', { 'sec-fetch-site': 'same-site' }, 403],
  ['a form', { 'content-type': 'application/x-www-form-urlencoded' }, 415],
  ['text', { 'content-type': 'text/plain' }, 415],
  ['a host name of elsewhere', { host: 'evil.example' }, 403],
])('%s: nothing is replayed or imported', async (what, headers, code) => {
  const given = what.endsWith('token') ? headers : { [TOKEN_HEADER]: token, ...headers };
  for (const path of ['/api/queues/mails/dead-letters/a%2Fb/replay', '/api/import'])
    expect((await viewer.post(path, '{"resourceSpans":[]}', given)).status).toBe(code);
  expect(replayed).toEqual([]);
});

test('methods, names and addresses that are not there', async () => {
  expect(await viewer.get('/api/import')).toMatchObject({ status: 405, headers: { allow: 'POST' } });
  expect(await viewer.get('/api/traces', { method: 'DELETE' })).toMatchObject({ status: 405, headers: { allow: 'GET, HEAD' } });
  for (const path of ['/api/', '/api/__proto__', '/api/traces/..', '/api/queues//dead-letters'])
    expect((await viewer.get(path)).status).toBe(404);
  expect(await viewer.get('/api/status', { method: 'HEAD' })).toMatchObject({ status: 200, body: '' });
  expect(JSON.parse((await viewer.get('/api/status')).body)).toMatchObject({ version: '1.2.3', totals: { spans: 0 } });
  expect(JSON.parse((await viewer.get('/api/now')).body)).toEqual({ processes: [] });
});

interface Listener {
  /** Resolves with the data of the next event of this name. */
  next(name: string): Promise<string>;
  close(): void;
}

function listen(headers: Record<string, string> = {}): Promise<Listener> {
  return new Promise((resolve, reject) => {
    const request = httpGet(`${viewer.receiver.url}/api/events`, { agent: false, headers }, (response) => {
      let text = '';
      let woken = () => {};
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
        woken();
      });
      response.on('error', () => {});
      const take = (name: string): string | undefined => {
        const found = new RegExp(`event: ${name}\ndata: (.*)\n\n`).exec(text);
        if (found !== null) text = text.slice(found.index + found[0].length);
        return found?.[1];
      };
      const next = async (name: string): Promise<string> => {
        for (;;) {
          const data = take(name);
          if (data !== undefined) return data;
          await new Promise<void>((wake) => {
            woken = wake;
          });
        }
      };
      if (response.statusCode === 200) resolve({ next, close: () => request.destroy() });
      else reject(new Error(String(response.statusCode)));
    });
    request.on('error', reject);
  });
}

test('events tell of what arrives, many exports by one', async () => {
  const listener = await listen();
  expect(JSON.parse(await listener.next('hello'))).toMatchObject({ version: '1.2.3', totals: { traces: 0 } });
  for (let index = 0; index < 500; index++) {
    const traceId = String((index % 250) + 1).padStart(32, '0');
    viewer.store.add({ spans: [makeSpan(`${index}`, '', 'x', 0, 1, { traceId })], logs: [makeLog('1', 'x', 0, { traceId })], metrics: [] });
  }
  const added: Added = JSON.parse(await listener.next('added'));
  expect(added).toMatchObject({ logs: 500, metrics: 0, more: true, totals: { traces: 250, spans: 500 } });
  expect(added.traces).toHaveLength(200);
  expect(added.traces[0]).toMatchObject({ spanCount: 2, logCount: 2 });
  listener.close();
});

test('pages that listen are bounded in number, and of another web site there are none', async () => {
  const listeners = await Promise.all(Array.from({ length: 32 }, () => listen()));
  await expect(listen()).rejects.toThrow('503');
  for (const listener of listeners) listener.close();
  await expect(listen({ host: 'evil.example' })).rejects.toThrow('403');
});
