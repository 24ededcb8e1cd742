// The first webhook in a schema that is not there yet: BullMQ and the claims create it at the same moment.
import { afterAll, expect, test } from 'vitest';
import { routeEvents } from '../../src/index.ts';
import { WebhookQueue } from '../../src/webhooks/library.ts';
import { freePort } from '../support/ports.ts';
import { freshDatabase } from '../support/servers.ts';

const open: WebhookQueue[] = [];
afterAll(() => Promise.all(open.map((queue) => queue.close({ timeoutMs: 2000 }))));

test('each of several processes that start at once takes it', async () => {
  routeEvents('off');
  const redis = `redis://127.0.0.1:${await freePort()}`;
  const database = await freshDatabase();
  for (const schema of ['first', 'second', 'third', 'fourth', 'fifth']) {
    const queues = [1, 2, 3].map(() => {
      const queue = new WebhookQueue({
        name: 'fresh',
        connection: redis,
        spill: { connection: database, schema },
        processor: () => Promise.resolve(),
      });
      queue.startWorker();
      open.push(queue);
      return queue;
    });
    const results = await Promise.all(queues.map((queue, at) => queue.enqueue({ id: `${schema}-${at}`, type: 'paid', payload: {} })));
    expect(results.map(({ store }) => store)).toEqual(['postgres', 'postgres', 'postgres']);
  }
});
