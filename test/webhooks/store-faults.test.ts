// PostgreSQL, which holds claims and spill, fails; alone, and together with Redis.

import { afterEach, beforeAll, expect, test } from 'vitest';
import { routeEvents } from '../../src/index.ts';
import { WebhookQueue, type WebhookQueueOptions } from '../../src/webhooks/library.ts';
import { eventually } from '../support/eventually.ts';
import { type Postgres, startPostgres } from '../support/postgres.ts';
import { type Redis, startRedis } from '../support/redis.ts';
import { FaultRun, outage, WEBHOOKS } from './fault-run.ts';
import { SlowLink } from './slow-link.ts';

let redis: Redis;
let postgres: Postgres;
let faults: FaultRun | undefined;

beforeAll(async () => {
  routeEvents('off');
  [redis, postgres] = await Promise.all([startRedis({ own: true, persistent: true }), startPostgres({ own: true })]);
  return () => Promise.all([redis.stop(), postgres.stop()]);
});

afterEach(async () => {
  await faults?.stop();
  faults = undefined;
});

async function start(name: string, queue: Partial<WebhookQueueOptions> = {}): Promise<FaultRun> {
  faults = await FaultRun.start({
    redisUrl: redis.url,
    postgresUrl: await postgres.createDatabase(),
    workers: 2,
    queue: { name, ...queue },
  });
  return faults;
}

test('PostgreSQL is killed: webhooks are queued in Redis and wait for it without using up their attempts', async () => {
  const run = await start('postgres-down', { enqueueTimeoutMs: 10_000 });
  await run.send(WEBHOOKS, {
    during: () =>
      outage(
        () => postgres.kill(),
        () => postgres.restart(),
        1000,
      ),
  });
  await run.expectEachDoneOnce();
  expect(run.stores()).toEqual({ redis: WEBHOOKS + 1 });
});

test('both are down: webhooks are refused, so that the providers deliver them again', async () => {
  const run = await start('both-down');
  const count = Math.floor(WEBHOOKS / 2);
  await run.send(count, {
    during: () =>
      outage(
        () => Promise.all([redis.kill(), postgres.kill()]),
        () => Promise.all([redis.restart(), postgres.restart()]),
        100,
      ),
  });
  expect(new Set(run.rejected.map(({ code }) => code))).toContain('WEBHOOK_UNAVAILABLE');
  await run.expectEachDoneOnce();
  expect(run.acknowledged.size).toBe(count + 1);
});

test('Redis is down and PostgreSQL hangs: webhooks are refused in time', async () => {
  const link = await SlowLink.to(postgres.port);
  const address = new URL(await postgres.createDatabase());
  address.port = String(link.port);
  const queue = new WebhookQueue({ name: 'hung', connection: redis.url, spill: { connection: address.href } });
  const deliver = (id: string) => queue.enqueue({ id, type: 'paid', payload: {} });
  try {
    await eventually('Redis takes webhooks', () => deliver('first').catch(() => false));
    await redis.kill();
    await eventually('the spill takes them', async () => (await deliver('second').catch(() => undefined))?.store === 'postgres');
    link.cut();
    const began = performance.now();
    await expect(deliver('third')).rejects.toMatchObject({ code: 'WEBHOOK_UNAVAILABLE', httpStatus: 503 });
    // The spill has three seconds.
    expect(performance.now() - began).toBeLessThan(10_000);
  } finally {
    await queue.close({ timeoutMs: 1000 });
    await link.close();
    await redis.restart();
  }
});
