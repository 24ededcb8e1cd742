import { expect, test } from 'vitest';
import { ReceivedStore } from '../support/received-store.ts';
import { makeLog, makeSpan, TRACE_ID } from './spans.ts';

const OTHER_ID = 'f'.repeat(32);
const spans = [
  makeSpan('2', '1', 'SELECT', 1, 2, { kind: 'CLIENT' }),
  makeSpan('1', '', 'POST', 0, 3, { kind: 'SERVER' }),
  makeSpan('3', '', 'job', 0, 1, { traceId: OTHER_ID, service: 'worker', status: { code: 'ERROR', message: '' } }),
];
const logs = [makeLog('1', 'second', 2), makeLog('1', 'first', 1), makeLog('3', 'other', 1, { traceId: OTHER_ID })];

function filled(): ReceivedStore {
  const store = new ReceivedStore();
  store.add({ spans, logs, metrics: [] });
  return store;
}

test('a trace has its spans by start and its logs by time', () => {
  const trace = filled().trace(TRACE_ID.toUpperCase());
  expect(trace.spans.map((span) => span.name)).toEqual(['POST', 'SELECT']);
  expect(trace.logs.map((log) => log.body)).toEqual(['first', 'second']);
});

test('the trace that grew last is first, with its log records', () => {
  const store = filled();
  store.add({ spans: [makeSpan('4', '1', 'late', 2, 3)], logs: [], metrics: [] });
  const [trace] = store.traces();
  expect(trace?.spans.map((span) => span.name)).toEqual(['POST', 'SELECT', 'late']);
  expect(trace?.logs.map((log) => log.body)).toEqual(['first', 'second']);
});

test('a span that is sent again is there once, until all are cleared', () => {
  const store = filled();
  const before = store.spans.length;
  store.add({ spans, logs: [], metrics: [] });
  expect(store.spans).toHaveLength(before);
  store.clear();
  store.add({ spans, logs: [], metrics: [] });
  expect(store.spans).toHaveLength(spans.length);
});

test('the oldest go first when it is full', () => {
  const store = new ReceivedStore({ maxSpans: 10, maxLogs: 2 });
  for (let index = 0; index < 100; index++) {
    store.add({ spans: [makeSpan(String(index), '', `span ${index}`, 0, 1)], logs: [makeLog('1', `log ${index}`, 0)], metrics: [] });
    expect(store.spans.length).toBeLessThanOrEqual(10);
    expect(store.logs.length).toBeLessThanOrEqual(2);
  }
  expect(store.spans.at(-1)?.name).toBe('span 99');
  expect(store.logs.at(-1)?.body).toBe('log 99');
});

test('what is asked of one trace, at each of many, does not look at the others', () => {
  const traces = 4_000;
  let looks = 0;
  const store = new ReceivedStore();
  for (let index = 0; index < traces; index++) {
    const id = index.toString(16).padStart(32, '0');
    const span = makeSpan('1', '', 'x', 0, 1);
    const log = makeLog('1', 'x', 0);
    const counted = {
      get: () => {
        looks++;
        return id;
      },
    };
    store.add({
      spans: [Object.defineProperty(span, 'traceId', counted)],
      logs: [Object.defineProperty(log, 'traceId', counted)],
      metrics: [],
    });
    expect(store.trace(id)).toMatchObject({ spans: [span], logs: [log] });
  }
  expect(store.traces()).toHaveLength(traces);
  expect(looks).toBeLessThan(50 * traces);
});

test('whole traces go first when they are too many bytes, those that grew longest ago', () => {
  const store = new ReceivedStore({ maxBytes: 1_000_000 });
  const id = (index: number) => String(index).padStart(32, '0');
  const text = 'x'.repeat(10_000);
  const add = (index: number, span: string) =>
    store.add({
      spans: [makeSpan(span, '', `${index}`, 0, 1, { traceId: id(index), attributes: { text } })],
      logs: [makeLog('1', text, index, { traceId: id(index) })],
      metrics: [],
    });
  for (let index = 0; index < 40; index++) add(index, '1');
  add(0, '2');
  for (let index = 40; index < 60; index++) add(index, '1');
  expect(store.spans.length).toBeGreaterThan(35);
  expect(store.spans.length).toBeLessThan(50);
  expect(store.trace(id(0)).spans).toHaveLength(2);
  expect(store.trace(id(1)).spans).toEqual([]);
  expect(store.traces().flatMap(({ spans }) => spans)).toHaveLength(store.spans.length);
  // Log records have bounds of their own.
  expect(store.logs.length).toBeLessThan(50);
  expect(store.trace(id(59)).logs).toHaveLength(1);
});

test('of a trace that is larger than the bound the last spans stay', () => {
  const store = new ReceivedStore({ maxBytes: 100_000 });
  const text = 'x'.repeat(10_000);
  for (let index = 1; index <= 20; index++) {
    store.add({ spans: [makeSpan(`${index}`, '', `${index}`, 0, index, { attributes: { text } })], logs: [], metrics: [] });
  }
  expect(store.trace(TRACE_ID).spans.map(({ name }) => name)).toEqual(['17', '18', '19', '20']);
  expect(store.spans).toHaveLength(4);
});

test('waitFor resolves at once, or when it arrives', async () => {
  const store = new ReceivedStore();
  const waiting = store.waitForTrace(TRACE_ID, (found) => found.length === 2);
  store.add({ spans: spans.slice(0, 1), logs: [], metrics: [] });
  store.add({ spans: spans.slice(1, 2), logs: [], metrics: [] });
  expect((await waiting).map((span) => span.name)).toEqual(['POST', 'SELECT']);
  expect(await store.waitFor((current) => current.spans.length)).toBe(2);
});

test('waitFor says what did arrive when it gives up, and passes on the error of a predicate', async () => {
  const store = filled();
  await expect(store.waitFor(() => false, { timeoutMs: 10 })).rejects.toThrow(
    'What was waited for did not arrive within 10 ms. Arrived: 3 spans (SELECT, POST, job), 3 log records, 0 metrics ().',
  );
  const failing = store.waitFor((current) => {
    if (current.spans.length > 3) throw new Error('mine');
    return false;
  });
  store.add({ spans: [makeSpan('4', '1', 'one more', 0, 1)], logs: [], metrics: [] });
  await expect(failing).rejects.toThrow('mine');
});
