// What a process starts: forks and cluster workers observe themselves.
import { expect, test } from 'vitest';
import { runApp } from '../support/app.ts';
import { startReceiver } from '../support/otlp.ts';
import { ENV } from './exit-ways.ts';

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
