// What a process starts: forks and cluster workers observe themselves; sandboxed processors of BullMQ carry the trace of the job.
import { expect, test } from 'vitest';
import { ENV } from '../exit/exit-ways.ts';
import { runApp } from '../support/app.ts';
import { spanNamed, startReceiver } from '../support/otlp.ts';
import { freshRedis } from '../support/servers.ts';
import { bullMqFolder } from '../webhooks/bullmq-folder.ts';

test('cluster workers and forks each send their own', async () => {
  const receiver = await startReceiver();
  const exit = await runApp('test/app/thread-processes.cjs', { receiver, env: ENV }).waitForExit(30_000);
  await receiver.close();
  expect(exit).toEqual({ code: 0, signal: null, stdout: 'all ended\n', stderr: '' });
  const { spans } = receiver.store;
  expect(spans.map(({ name }) => name).sort()).toEqual(['fork', 'primary', 'worker 1', 'worker 2']);
  expect(new Set(spans.map(({ resource }) => resource['service.instance.id'])).size).toBe(4);
  expect(new Set(spans.map(({ resource }) => resource['process.pid'])).size).toBe(4);
});

// send sandbox-…               PRODUCER
//   process sandbox-…          CONSUMER
//     in the sandbox           in a process or a thread of its own
test.for(
  [5, 6].flatMap((major) => ['process', 'thread'].flatMap((kind) => ['cjs', 'mjs'].map((format) => [major, kind, format] as const))),
)('BullMQ %i, a processor in a %s of its own, as %s', async ([major, kind, format]) => {
  const receiver = await startReceiver();
  const folder = bullMqFolder(major === 5 ? 5 : 6);
  // A Redis that is slow for a moment is not what is tested.
  const env = { ...ENV, REDIS_URL: await freshRedis(), SIETCH_OTEL_WORKER_THREADS: 'on', SIETCH_OTEL_EVENTS: 'off' };
  const exit = await runApp(folder.app('queue-sandbox.cjs'), { args: [kind, format], receiver, env }).waitForExit(30_000);
  await receiver.close();
  folder.remove();
  expect(exit).toEqual({ code: 0, signal: null, stdout: 'result 2\n', stderr: '' });
  const { spans } = receiver.store;
  const inside = spanNamed(spans, 'in the sandbox');
  const around = spans.find(({ kind: spanKind }) => spanKind === 'CONSUMER');
  const before = spans.find(({ kind: spanKind }) => spanKind === 'PRODUCER');
  expect(around).toMatchObject({ traceId: before?.traceId, parentSpanId: before?.spanId });
  expect(inside).toMatchObject({ traceId: around?.traceId, parentSpanId: around?.spanId });
  // In a process it has a resource of its own.
  expect(inside.resource['process.pid'] === around?.resource['process.pid']).toBe(kind === 'thread');
});
