// The marks of kept traces beside queues whose client is unlike those that we know.
import { afterEach, expect, test, vi } from 'vitest';
import { keepTrace } from '../../../src/context/trace-recording.js';
import type { QueueInstance, RedisClient } from '../../../src/integrations/queue/bullmq-module.js';
import { KeptMarks } from '../../../src/integrations/queue/kept-marks.js';
import { streamPlaces } from '../../../src/integrations/queue/mark-stream.js';
import { OwnConnections } from '../../../src/integrations/queue/own-connections.js';
import { runRecorder } from '../../sdk/recorder/recorder-run.ts';

const unhandled: unknown[] = [];
const onUnhandled = (error: unknown) => void unhandled.push(error);

afterEach(() => {
  vi.useRealTimers();
  process.off('unhandledRejection', onUnhandled);
});

test('options that cannot be read as text are no unhandled rejection of the app', async () => {
  process.on('unhandledRejection', onUnhandled);
  const socket: Record<string, unknown> = {};
  socket['server'] = { socket };
  const client: RedisClient = { options: { socket }, duplicate: () => client, defineCommand: () => {}, disconnect: () => {}, on: () => {} };
  const queue: QueueInstance = { name: 'mail', opts: {}, listenerCount: () => 0, connection: { client: Promise.resolve(client) } };
  const marks = new KeptMarks(streamPlaces(new OwnConnections()), () => true);
  marks.noteSent(runRecorder().start('add').spanContext(), queue);
  await new Promise((resolve) => setTimeout(resolve, 10));
  await marks.stop();
  expect(unhandled).toEqual([]);
});

test.each([
  [29_000, 1],
  [31_000, 0],
])('a trace that was kept while the client of a queue was not there is told for half a minute: after %i ms', async (ms, told) => {
  vi.useFakeTimers({ toFake: ['performance'] });
  let connect = (_client: RedisClient) => {};
  const connected = new Promise<RedisClient>((resolve) => {
    connect = resolve;
  });
  const refuse = () => {
    throw new Error('no second connection');
  };
  const client: RedisClient = { options: {}, duplicate: refuse, defineCommand: () => {}, disconnect: () => {}, on: () => {} };
  const queue: QueueInstance = { name: 'mail', opts: {}, listenerCount: () => 0, connection: { client: connected } };
  const marks = new KeptMarks(streamPlaces(new OwnConnections()), () => true);
  const { start } = runRecorder();
  const kept = start('add');
  marks.noteSent(kept.spanContext(), queue);
  keepTrace(kept.spanContext(), 'app');
  vi.advanceTimersByTime(ms);
  connect(client);
  await connected;
  await marks.stop();
  // Nothing takes the mark: it is lost.
  expect(marks.counts).toEqual({ written: 0, heard: 0, lost: told });
});
