// What the recorder adds to answers: one header, where the caller holds a half of a trace that is kept, and nothing else.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Receiver, startReceiver } from '../support/otlp.ts';
import { type AskOptions, runWebApp, type WebApp } from '../support/web-app.ts';

const WAYS = ['implicit', 'set', 'object', 'reason', 'list', 'failing', 'flushed', 'twice'];
const ID = '0af7651916cd43dd8448eb211c80319c';
const caller = (tracestate?: string): AskOptions => ({
  headers: { traceparent: `00-${ID}-b7ad6b7169203331-00`, ...(tracestate === undefined ? {} : { tracestate }) },
});

let receiver: Receiver;
let bare: WebApp;
let recorded: WebApp;

beforeAll(async () => {
  receiver = await startReceiver();
  const env = {
    SIETCH_OTEL_RECORDER: 'on',
    SIETCH_OTEL_KEEP_HEADER: 'on',
    SIETCH_OTEL_TRACE_ID_RESPONSE: 'off',
    OTEL_TRACES_SAMPLER: 'parentbased_always_off',
    OTEL_BSP_SCHEDULE_DELAY: '100',
  };
  bare = await runWebApp('test/app/recorder/answers.cjs', { preload: 'none' });
  recorded = await runWebApp('test/app/recorder/answers.cjs', { receiver, env });
});
afterAll(async () => {
  await Promise.all([bare, recorded].map((app) => app?.app.stop()));
  await receiver?.close();
});

async function answerOf(app: WebApp, path: string, options?: AskOptions) {
  const { status, body, headers } = await app.ask(path, options);
  const { date: _, ...others } = headers;
  return { status, body, headers: others };
}

test.each(WAYS)('%s', async (way) => {
  const expected = await answerOf(bare, `/${way}`);
  const told = { ...expected, headers: { ...expected.headers, 'x-trace-keep': ID } };
  expect(await answerOf(recorded, `/${way}`)).toEqual(expected);
  expect(await answerOf(recorded, `/keep/${way}`, caller())).toEqual(expected);
  expect(await answerOf(recorded, `/${way}`, caller('other=1'))).toEqual(expected);
  expect(await answerOf(recorded, `/keep/${way}`, caller('other=1,sietch=r'))).toEqual(told);
});

test('an answer that says the server has failed tells the caller before the span ends', async () => {
  const traceId = 'a'.repeat(32);
  const headers = { traceparent: `00-${traceId}-b7ad6b7169203331-00`, tracestate: 'sietch=r' };
  expect((await recorded.ask('/failing', { headers })).headers['x-trace-keep']).toBe(traceId);
  expect(
    (await recorded.ask('/implicit', { headers: { ...headers, traceparent: headers.traceparent.replaceAll('a', 'c') } })).headers,
  ).not.toHaveProperty('x-trace-keep');
});

test('x-trace-keep: 1 keeps the trace of its request', async () => {
  const traceId = 'd'.repeat(32);
  const traceparent = `00-${traceId}-b7ad6b7169203331-00`;
  await recorded.ask('/implicit', { headers: { traceparent, 'x-trace-keep': '1' } });
  const [span] = await receiver.store.waitForTrace(traceId, (spans) => spans.length > 0);
  expect(span?.attributes['sietch.keep.reason']).toBe('caller');
});
