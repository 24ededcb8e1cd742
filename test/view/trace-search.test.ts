// What a search of the viewer finds, in which order, and what the list says of each trace.

import { expect, test } from 'vitest';
import { summaryOf } from '../../src/view/api-trace.js';
import { readTraceSearch } from '../../src/view/parameters.js';
import { facetsOf, searchTraces } from '../../src/view/trace-search.js';
import { TraceStore } from '../../src/view/trace-store.js';
import { makeLog, makeSpan, spanId } from './spans.ts';

const id = (digit: string) => digit.repeat(32);

//  a  POST /webhooks   api, worker   0…40 ms   kept: error
//     └─ SELECT        worker        ✗ timeout
//  b  GET /health      api           10…12 ms
//  c  job              worker        5…105 ms  its parent has not arrived
function filled(): TraceStore {
  const store = new TraceStore();
  store.add({
    spans: [
      makeSpan('1', '', 'POST /webhooks', 0, 40, {
        traceId: id('a'),
        kind: 'SERVER',
        attributes: { 'http.route': '/webhooks/:source', 'sietch.keep.reason': 'error', 'http.response.status_code': 500 },
      }),
      makeSpan('2', '1', 'SELECT', 2, 5, {
        traceId: id('a'),
        service: 'worker',
        attributes: { 'db.query.text': 'SELECT id FROM orders WHERE id = $1' },
        status: { code: 'ERROR', message: 'statement timeout' },
      }),
      makeSpan('1', '', 'GET /health', 10, 12, { traceId: id('b'), kind: 'SERVER', attributes: { 'http.route': '/health' } }),
      makeSpan('1', '9', 'job', 5, 105, {
        traceId: id('c'),
        service: 'worker',
        attributes: { 'messaging.destination.name': 'mails', tags: ['x', 'y'] },
        events: [{ name: 'retry', timeUnixNano: 0n, attributes: { reason: 'Mailbox full' } }],
      }),
    ],
    logs: [makeLog('1', 'hello', 1, { traceId: id('a') })],
    metrics: [],
  });
  return store;
}

async function found(query: string): Promise<string> {
  const { traces } = await searchTraces(filled(), readTraceSearch(new URLSearchParams(query)));
  return traces.map(({ traceId }) => traceId[0]).join('');
}

test.each([
  ['', 'bca'],
  ['q=STATEMENT', 'a'],
  ['q=from orders', 'a'],
  ['q=mailbox', 'c'],
  ['q=worker', 'ca'],
  ['q=aaaaAA', 'a'],
  ['q=["x"', 'c'],
  ['q=.*', ''],
  ['service=api', 'ba'],
  ['service=nobody', ''],
  ['route=/health', 'b'],
  ['attribute=http.response.status_code=500', 'a'],
  ['attribute=messaging.destination.name', 'c'],
  ['attribute=service.name=api&attribute=db.query.text', 'a'],
  ['attribute=__proto__', ''],
  ['minMs=40', 'ca'],
  ['minMs=40.5', 'c'],
  ['error=true', 'a'],
  ['kept=error', 'a'],
  ['kept=slow', ''],
  ['sort=duration', 'cab'],
  ['sort=spans&order=asc', 'cba'],
  ['sort=start&order=asc', 'acb'],
  ['limit=1&offset=1', 'c'],
  ['service=api&q=health&minMs=1', 'b'],
])('search %s', async (query, expected) => {
  expect(await found(query)).toBe(expected);
});

test('a search counts all that match, not only those that it gives', async () => {
  const { traces, total } = await searchTraces(filled(), readTraceSearch(new URLSearchParams('limit=1')));
  expect({ given: traces.length, total }).toEqual({ given: 1, total: 3 });
});

test.each(['limit=0', 'limit=1001', 'limit=ten', 'offset=-1', 'sort=name', 'order=up', 'minMs=fast', `q=${'x'.repeat(1_001)}`])(
  '%s is refused in words',
  (query) => {
    expect(() => readTraceSearch(new URLSearchParams(query))).toThrow(/^\w+: expected /);
  },
);

test('the summary of a trace', () => {
  const store = filled();
  const summary = (traceId: string) => {
    const trace = store.indexed(traceId);
    return trace && summaryOf(trace, store.logCount(traceId));
  };
  expect(summary(id('a'))).toEqual({
    traceId: id('a'),
    name: 'POST /webhooks',
    service: 'api',
    services: ['api', 'worker'],
    route: '/webhooks/:source',
    startTimeUnixNano: '1700000000000000000',
    durationMs: 40,
    spanCount: 2,
    logCount: 1,
    errorCount: 1,
    keepReason: 'error',
  });
  expect(summary(id('c'))).toMatchObject({ name: 'job', incomplete: true });
  // Its parent comes late.
  store.add({ spans: [makeSpan('9', '', 'send', 1, 2, { traceId: id('c') })], logs: [], metrics: [] });
  expect(summary(id('c'))).toMatchObject({ name: 'send', spanCount: 2 });
  expect(summary(id('c'))).not.toHaveProperty('incomplete');
});

test('there is to choose from what has arrived', () => {
  expect(facetsOf(filled().newestFirst(), 500)).toEqual({
    services: ['api', 'worker'],
    routes: ['/health', '/webhooks/:source'],
    keepReasons: ['error'],
  });
  expect(facetsOf(filled().newestFirst(), 1).services).toHaveLength(1);
});

test('a trace that was cut says so, and what is dropped is counted', () => {
  const store = new TraceStore({ maxBytes: 100_000 });
  const text = 'x'.repeat(10_000);
  for (let index = 1; index <= 20; index++) {
    store.add({
      spans: [makeSpan(`${index}`, '', `${index}`, 0, index, { traceId: id('a'), attributes: { text } })],
      logs: [],
      metrics: [],
    });
  }
  const trace = store.indexed(id('a'));
  expect(trace?.isIncomplete).toBe(true);
  expect(trace?.has(spanId('1'))).toBe(false);
  expect(store.counts).toMatchObject({ traces: 1, spans: 4, droppedSpans: 16 });
});
