// Queues on a Redis Cluster, on node-redis and in PostgreSQL; WebhookQueue on a cluster.
import { Cluster } from 'ioredis';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { routeEvents } from '../../../src/index.ts';
import { WebhookQueue } from '../../../src/webhooks/library.ts';
import { metricsUrlOf, scrape, seriesOf } from '../../prometheus/scraping.ts';
import { runApp } from '../../support/app.ts';
import { eventually } from '../../support/eventually.ts';
import { spanNamed, spanTree, startReceiver } from '../../support/otlp.ts';
import { startCluster, type ThreeNodeCluster } from '../../support/redis-cluster.ts';
import { freshDatabase, freshRedis } from '../../support/servers.ts';

let cluster: ThreeNodeCluster;
beforeAll(async () => {
  routeEvents('off');
  cluster = await startCluster();
});
afterAll(() => cluster?.stop());

// POST /webhooks        INTERNAL
// └─ send jobs          PRODUCER
//    └─ process jobs    CONSUMER
test.each(['cluster', 'node-redis', 'postgres'])('BullMQ on %s is seen like any other', async (kind) => {
  const receiver = await startReceiver();
  const stores = { NODES: cluster.ports.join(','), REDIS_URL: await freshRedis(), DATABASE_URL: await freshDatabase() };
  const env = { ...stores, SIETCH_OTEL_QUEUE_METRICS_INTERVAL_MS: '200' };
  const app = runApp('test/app/queue-connections.mjs', { receiver, args: [kind], env });
  try {
    const url = await metricsUrlOf(app);
    await app.waitForLine(/^ready$/);
    await eventually('the job that waits is in the depth', async () => {
      const depth = seriesOf((await scrape(url)).text, 'sietch_queue_depth');
      return Object.entries(depth).some(([labels, value]) => labels.includes('state="delayed"') && value >= 1);
    });
  } finally {
    await app.stop();
    await receiver.close();
  }
  const spans = receiver.store.spans;
  const { traceId } = spanNamed(spans, 'POST /webhooks');
  expect(spanTree(spans.filter((span) => span.traceId === traceId))).toMatchObject([
    { name: 'POST /webhooks', children: [{ name: 'send jobs', children: [{ name: 'process jobs', status: 'UNSET', children: [] }] }] },
  ]);
});

test('WebhookQueue works on a cluster, with a hash tag in its prefix', async () => {
  const connection = new Cluster(cluster.ports.map((port) => ({ host: '127.0.0.1', port })));
  const processor = vi.fn(({ id }: { id: string }) => {
    if (id === 'bad') throw new Error('no');
  });
  const queue = new WebhookQueue({ name: 'webhooks', connection, prefix: '{bull}', enqueueTimeoutMs: 10_000, retries: 0, processor });
  try {
    queue.startWorker();
    expect(await queue.enqueue({ id: 'good', type: 'paid', payload: {} })).toMatchObject({ mode: 'queued', store: 'redis' });
    expect(await queue.enqueue({ id: 'good', type: 'paid', payload: {} })).toMatchObject({ mode: 'duplicate' });
    await queue.enqueue({ id: 'bad', type: 'paid', payload: {} });
    await eventually('both are done with', async () => (await queue.getMetrics()).deadLetters === 1 && processor.mock.calls.length === 2);
    await queue.deadLetters.replay('bad');
    await eventually('it was tried again', () => processor.mock.calls.length === 3);
  } finally {
    await queue.close({ timeoutMs: 3000 });
    connection.disconnect();
  }
});
