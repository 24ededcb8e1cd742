// One clock: however the wall clock is set while a process runs, what an operation's span says lies within its parent.
import { expect, onTestFinished, test } from 'vitest';
import { runApp } from '../support/app.ts';
import { spanNamed, startReceiver } from '../support/otlp.ts';
import { freshDatabase, redisUrl } from '../support/servers.ts';

test('after a step of the wall clock the spans of queries, connections and commands lie within their parents', async () => {
  const receiver = await startReceiver();
  onTestFinished(() => receiver.close());
  const env = { SIETCH_OTEL_PG_CONNECT_SPANS: 'on' };
  await runApp('test/app/clock-step.cjs', { args: [await freshDatabase(), redisUrl()], receiver, env }).waitForExit();
  // work
  // ├─ pg.connect, SELECT, SELECT (42703)
  // ├─ pg.connect (refused), pg-pool.connect (refused), pg.connect (refused), SELECT (refused)
  // ├─ pg.connect, SELECT (of a client that has ended)
  // └─ connect, set, hget (WRONGTYPE)
  const work = spanNamed(receiver.store.spans, 'work');
  const children = receiver.store.spans.filter(({ parentSpanId }) => parentSpanId === work.spanId);
  expect(children.length).toBeGreaterThanOrEqual(11);
  const outside = children.filter(
    ({ startTimeUnixNano: start, endTimeUnixNano: end }) => start < work.startTimeUnixNano || end > work.endTimeUnixNano || end < start,
  );
  expect(outside.map(({ name, attributes }) => `${name} ${attributes['error.type'] ?? ''}`)).toEqual([]);
});
