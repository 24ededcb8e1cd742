// Worker threads: left alone by default; with SIETCH_OTEL_WORKER_THREADS=on their spans and log records go out through the main thread, however they end.
import { expect, test } from 'vitest';
import { ENV } from '../exit/exit-ways.ts';
import { runApp } from '../support/app.ts';
import { spanNamed, spanTree, startReceiver } from '../support/otlp.ts';

const WAYS = ['end', 'exit', 'throw', 'terminate', 'busy', 'main exits'];

async function run(env: Readonly<Record<string, string>>, ways: readonly string[] = WAYS) {
  const receiver = await startReceiver();
  const app = runApp('test/app/thread-main.mjs', { args: ways, receiver, env: { ...ENV, ...env } });
  const bare = runApp('test/app/thread-main.mjs', { args: ways, preload: 'none' });
  const [exit, bareExit] = await Promise.all([app.waitForExit(30_000), bare.waitForExit(30_000)]);
  await receiver.close();
  return { exit, bareExit, spans: receiver.store.spans, logs: receiver.store.logs };
}

// <way>: parent          one such trace a worker
//   <way>: child         event, link, log record
// uncaught error         of the worker that threw
test('each way of ending a worker loses nothing', async () => {
  const { exit, bareExit, spans, logs } = await run({ SIETCH_OTEL_WORKER_THREADS: 'on' });
  expect(exit).toEqual(bareExit);
  const tree = (name: string, ...children: string[]): unknown => ({
    name,
    kind: 'INTERNAL',
    status: name === 'uncaught error' ? 'ERROR' : 'UNSET',
    children: children.map((child) => tree(child)),
  });
  const expected = [tree('main'), ...WAYS.map((way) => tree(`${way}: parent`, `${way}: child`)), tree('uncaught error')];
  expect(spanTree(spans)).toHaveLength(expected.length);
  expect(spanTree(spans)).toEqual(expect.arrayContaining(expected));
  expect(logs.map(({ body }) => body).sort()).toEqual([...WAYS, 'uncaught error'].sort());

  const main = spanNamed(spans, 'main');
  const child = spanNamed(spans, 'end: child');
  expect(child.resource).toEqual(main.resource);
  expect(child.attributes).toMatchObject({ 'thread.id': expect.any(Number) });
  expect(child.events).toMatchObject([{ name: 'event', attributes: { key: 'value' } }]);
  expect(child.links).toMatchObject([{ spanId: spanNamed(spans, 'end: parent').spanId }]);
  expect(logs.find(({ body }) => body === 'end')).toMatchObject({ severityText: 'INFO', spanId: spanNamed(spans, 'end: parent').spanId });
});

test('by default they are left alone', async () => {
  const { exit, bareExit, spans } = await run({});
  expect(exit).toEqual(bareExit);
  expect(spans.map(({ name }) => name)).toEqual(['main']);
});
