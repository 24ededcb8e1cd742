// The marks of kept traces beside queues whose client is unlike those that we know.
import { afterEach, expect, test } from 'vitest';
import type { QueueInstance, RedisClient } from '../../../src/integrations/queue/bullmq-module.js';
import { KeptMarks } from '../../../src/integrations/queue/kept-marks.js';
import { OwnConnections } from '../../../src/integrations/queue/own-connections.js';
import { runRecorder } from '../../sdk/recorder/recorder-run.ts';

const unhandled: unknown[] = [];
const onUnhandled = (error: unknown) => void unhandled.push(error);

afterEach(() => {
  process.off('unhandledRejection', onUnhandled);
});

test('options that cannot be read as text are no unhandled rejection of the app', async () => {
  process.on('unhandledRejection', onUnhandled);
  const socket: Record<string, unknown> = {};
  socket['server'] = { socket };
  const client: RedisClient = { options: { socket }, duplicate: () => client, defineCommand: () => {}, disconnect: () => {}, on: () => {} };
  const queue: QueueInstance = { name: 'mail', opts: {}, listenerCount: () => 0, connection: { client: Promise.resolve(client) } };
  const marks = new KeptMarks(new OwnConnections(), () => true);
  marks.noteSent(runRecorder().start('add').spanContext(), queue);
  await new Promise((resolve) => setTimeout(resolve, 10));
  await marks.stop();
  expect(unhandled).toEqual([]);
});
