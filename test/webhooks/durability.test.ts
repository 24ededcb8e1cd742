// Whether Redis keeps what it acknowledges is asked on each connection, and told: event, line, gauge, doctor. `requireDurable` takes nothing else.
import { Redis as Client } from 'ioredis';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { routeEvents } from '../../src/index.ts';
import { type QueueEvent, WebhookQueue, type WebhookQueueOptions } from '../../src/webhooks/library.ts';
import { metricsUrlOf, scrape, seriesOf } from '../prometheus/scraping.ts';
import { runApp } from '../support/app.ts';
import { eventually } from '../support/eventually.ts';
import { startReceiver } from '../support/otlp.ts';
import { type Redis, type RedisOptions, startRedis } from '../support/redis.ts';
import { freshDatabase } from '../support/servers.ts';

let redis: Redis;
const queues: WebhookQueue[] = [];

beforeEach(() => routeEvents('off'));
afterEach(async () => {
  await Promise.all(queues.splice(0).map((queue) => queue.close({ timeoutMs: 2000 })));
  await redis.stop();
});

async function start(settings: RedisOptions['settings']): Promise<void> {
  redis = await startRedis({ own: true, settings: { appendonly: 'yes', 'maxmemory-policy': 'noeviction', ...settings } });
}

function create(options: Partial<WebhookQueueOptions> = {}): { queue: WebhookQueue; unsafe: () => QueueEvent[]; events: QueueEvent[] } {
  const events: QueueEvent[] = [];
  const queue = new WebhookQueue({ name: 'durable', connection: redis.url, onEvent: (event) => events.push(event), ...options });
  queues.push(queue);
  return { queue, events, unsafe: () => events.filter(({ type }) => type === 'unsafe_store') };
}

const event = (id: string) => ({ id, type: 'paid', payload: {} });

async function admin(run: (client: Client) => Promise<unknown>): Promise<void> {
  const client = new Client(redis.url);
  await run(client).finally(() => client.disconnect());
}

describe('without requireDurable it is told, and webhooks are taken', () => {
  test.each([
    [{ 'maxmemory-policy': 'allkeys-lru' }, 'evicts', 'maxmemory-policy allkeys-lru'],
    // Evicts keys with an expiry: the locks of jobs.
    [{ 'maxmemory-policy': 'volatile-ttl' }, 'evicts', 'maxmemory-policy volatile-ttl'],
    [{ appendonly: 'no' }, 'no_append_only_file', 'appendonly no'],
  ] as const)('%j', async (settings, reason, detail) => {
    await start(settings);
    const { queue, unsafe } = create();
    expect(await queue.enqueue(event('1'))).toMatchObject({ mode: 'queued', store: 'redis' });
    await eventually('it is told', () => unsafe().length > 0);
    expect(unsafe()).toEqual([{ type: 'unsafe_store', queue: 'durable', reason, detail }]);
  });

  test('a Redis that keeps all says nothing', async () => {
    await start({});
    const { queue, events } = create({ requireDurable: true });
    expect(await queue.enqueue(event('1'))).toMatchObject({ mode: 'queued', store: 'redis' });
    expect(events).toEqual([]);
  });

  test('a change is noticed by the next connection, and told once', async () => {
    await start({});
    const { queue, unsafe } = create();
    await queue.enqueue(event('1'));
    await admin((client) => client.config('SET', 'maxmemory-policy', 'allkeys-random'));
    const drop = () => admin((client) => client.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes'));
    await drop();
    await eventually('it is told', () => unsafe().length > 0);
    await drop();
    await queue.ready();
    await queue.enqueue(event('2'));
    expect(unsafe()).toMatchObject([{ reason: 'evicts' }]);
  });

  test('a user who may not ask is told from one whose Redis is safe', async () => {
    await start({});
    await admin((client) => client.acl('SETUSER', 'app', 'on', '>secret', '~*', '&*', '+@all', '-info', '-config'));
    const { queue, unsafe } = create({ connection: redis.url.replace('redis://', 'redis://app:secret@') });
    expect(await queue.enqueue(event('1'))).toMatchObject({ mode: 'queued', store: 'redis' });
    await eventually('it is told', () => unsafe().length > 0);
    expect(unsafe()).toEqual([{ type: 'unsafe_store', queue: 'durable', reason: 'unknown', detail: 'INFO does not say' }]);
  });
});

describe('requireDurable', () => {
  test('refuses what Redis may lose, until it keeps it', async () => {
    await start({ 'maxmemory-policy': 'allkeys-lru', appendonly: 'no' });
    const { queue, events } = create({ requireDurable: true });
    await expect(queue.enqueue(event('1'))).rejects.toMatchObject({ code: 'WEBHOOK_UNAVAILABLE', httpStatus: 503 });
    expect(events).toMatchObject([
      { type: 'unsafe_store', reason: 'evicts' },
      { type: 'unsafe_store', reason: 'no_append_only_file' },
      { type: 'degraded', reason: 'unsafe', mode: 'rejected' },
    ]);
    expect((await queue.getMetrics()).depth.redis).toMatchObject({ waiting: 0 });
    await admin(async (client) => {
      await client.config('SET', 'maxmemory-policy', 'noeviction');
      await client.config('SET', 'appendonly', 'yes');
      await client.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
    });
    await eventually('it takes webhooks', () => queue.enqueue(event('1')).catch(() => false));
    expect(events.at(-1)).toMatchObject({ type: 'recovered' });
  });

  test('spills them', async () => {
    await start({ appendonly: 'no' });
    const { queue } = create({ requireDurable: true, spill: { connection: await freshDatabase() } });
    await queue.ready();
    expect(await queue.enqueue(event('1'))).toMatchObject({ mode: 'queued', store: 'postgres' });
  });

  test('refuses where Redis does not say', async () => {
    await start({});
    await admin((client) => client.acl('SETUSER', 'app', 'on', '>secret', '~*', '&*', '+@all', '-info'));
    const { queue } = create({ connection: redis.url.replace('redis://', 'redis://app:secret@'), requireDurable: true });
    await expect(queue.enqueue(event('1'))).rejects.toMatchObject({ code: 'WEBHOOK_UNAVAILABLE' });
  });
});

test('under the preload: a line with a code and a remedy, and a gauge', async () => {
  await start({ 'maxmemory-policy': 'allkeys-lru' });
  const receiver = await startReceiver();
  const app = runApp('test/app/queue-webhooks.mjs', { receiver, env: { REDIS_URL: redis.url, DATABASE_URL: await freshDatabase() } });
  try {
    const url = await metricsUrlOf(app);
    await app.waitForLine(/unsafe_store/);
    await eventually('the gauge says it', async () => {
      const series = seriesOf((await scrape(url)).text, 'sietch_queue_store_unsafe');
      const value = (reason: string) => Object.entries(series).find(([labels]) => labels.includes(`reason="${reason}"`))?.[1];
      return value('evicts') === 1 && value('no_append_only_file') === 0;
    });
    expect(app.stderr).toMatch(/SIETCH162.*maxmemory-policy allkeys-lru.*Remedy: set maxmemory-policy noeviction/);
  } finally {
    await app.stop();
    await receiver.close();
  }
});
