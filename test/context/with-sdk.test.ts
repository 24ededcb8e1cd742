// The facade outside of HTTP, in a process with an SDK: trace ids without made-up parents.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runApp } from '../support/app.ts';
import { type Receiver, spanNamed, spanTree, startReceiver } from '../support/otlp.ts';

const TRACE_ID = '4bf92f3577b34da6a3ce929d0e0e4736';

let receiver: Receiver;
beforeAll(async () => {
  receiver = await startReceiver();
});
afterAll(() => receiver.close());

test.each([
  ['preloaded', 'require', []],
  ['started by code that has used the facade', 'none', ['start']],
] as const)('%s', async (_what, preload, args) => {
  receiver.store.clear();
  const exit = await runApp('test/app/trace-context.cjs', { receiver, preload, args }).waitForExit();
  expect(exit.code).toBe(0);
  expect(exit.stderr).not.toMatch(/(warn|error) /); // The API would report a second context manager.
  const spans = await receiver.store.waitForTrace(TRACE_ID, (arrived) => arrived.length === 2);
  // work      INTERNAL, a real root with the trace id of the header
  //   step    INTERNAL
  expect(spanTree(spans)).toMatchObject([{ name: 'work', children: [{ name: 'step', children: [] }] }]);
  const work = spanNamed(spans, 'work');
  expect(work.parentSpanId).toBe('');
  expect(JSON.parse(exit.stdout)).toEqual({
    before: { fields: { trace_id: TRACE_ID }, headers: { 'x-trace-id': TRACE_ID } },
    within: {
      fields: { trace_id: TRACE_ID, span_id: work.spanId, trace_flags: '01' },
      headers: { traceparent: `00-${TRACE_ID}-${work.spanId}-01`, 'x-trace-id': TRACE_ID },
      sampled: true,
    },
  });
  const others = await receiver.store.waitFor(({ spans: all }) => {
    const found = all.filter((span) => span.name === 'alone' || span.name === 'outside');
    return found.length === 2 && found;
  });
  expect(others.map((span) => span.parentSpanId)).toEqual(['', '']);
  expect(new Set([TRACE_ID, ...others.map((span) => span.traceId)]).size).toBe(3);
});
