// What a process starts: forks and cluster workers observe themselves; sandboxed processors of BullMQ carry the trace of the job.
import { expect, test } from 'vitest';
import { ENV } from '../exit/exit-ways.ts';
import { runApp } from '../support/app.ts';
import { spanNamed, startReceiver } from '../support/otlp.ts';
import { freshRedis } from '../support/servers.ts';

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
test.for(['process', 'thread'])('a BullMQ processor in a %s of its own', async (kind) => {
  const receiver = await startReceiver();
  const env = { ...ENV, REDIS_URL: await freshRedis(), SIETCH_OTEL_WORKER_THREADS: 'on', SIETCH_OTEL_EVENTS: 'off' };
  // A Redis that is slow for a moment is not what is tested.
  const exit = await runApp('test/app/thread-bullmq.cjs', { args: [kind], receiver, env }).waitForExit(30_000);
  await receiver.close();
  expect(exit).toEqual({ code: 0, signal: null, stdout: 'result 2\n', stderr: '' });
  const { spans } = receiver.store;
  const inside = spanNamed(spans, 'in the sandbox');
  const around = spans.find(({ kind: spanKind }) => spanKind === 'CONSUMER');
  expect(inside.traceId).toBe(around?.traceId);
  expect(inside.parentSpanId).toBe(around?.spanId);
});
