// Redis fails in all its ways while webhooks arrive and workers work. No acknowledged webhook is lost, none is done twice.
import { Redis as Client } from 'ioredis';
import { afterEach, beforeAll, expect, test } from 'vitest';
import { type Redis, startRedis } from '../support/redis.ts';
import { freshDatabase } from '../support/servers.ts';
import { FaultRun, outage, WEBHOOKS } from './fault-run.ts';

let redis: Redis;
let run: FaultRun | undefined;

beforeAll(async () => {
  redis = await startRedis({ own: true, persistent: true });
  return () => redis.stop();
});

afterEach(async () => {
  await run?.stop();
  run = undefined;
  await admin((client) => client.flushall());
});

async function start(): Promise<FaultRun> {
  run = await FaultRun.start({ redisUrl: redis.url, postgresUrl: await freshDatabase(), workers: 2 });
  return run;
}

test('Redis is killed and restarted', async () => {
  const faults = await start();
  await faults.send(WEBHOOKS, {
    during: () =>
      outage(
        () => redis.kill(),
        () => redis.restart(),
      ),
  });
  await faults.send(20);
  await faults.expectEachDoneOnce();
  expect(faults.reasons()).toContain('unreachable');
});

test('Redis hangs and goes on', async () => {
  const faults = await start();
  await faults.send(WEBHOOKS, {
    during: () =>
      outage(
        () => redis.pause(),
        () => redis.resume(),
        1000,
      ),
  });
  await faults.send(20);
  await faults.expectEachDoneOnce();
  // The first ones were in flight: whether Redis has them was not known.
  expect(faults.reasons()).toContain('timeout');
});

test('Redis is full', async () => {
  const faults = await start();
  await faults.send(WEBHOOKS, {
    during: () =>
      outage(
        () => configure('maxmemory', '1'),
        () => configure('maxmemory', '0'),
      ),
  });
  await faults.send(20);
  await faults.expectEachDoneOnce();
  expect(faults.reasons()).toContain('full');
});

test('Redis becomes a read-only replica', async () => {
  const faults = await start();
  await faults.send(WEBHOOKS, {
    during: () =>
      outage(
        () => replicate('127.0.0.1', '1'),
        () => replicate('NO', 'ONE'),
      ),
  });
  await faults.send(20);
  await faults.expectEachDoneOnce();
  expect(faults.reasons()).toContain('read_only');
});

test('Redis evicts keys: with requireDurable it gets no webhooks', async () => {
  await configure('maxmemory-policy', 'allkeys-lru');
  await configure('maxmemory', '3mb');
  run = await FaultRun.start({ redisUrl: redis.url, postgresUrl: await freshDatabase(), workers: 2, queue: { requireDurable: true } });
  await run.send(WEBHOOKS);
  await run.expectEachDoneOnce();
  expect(run.reasons()).toEqual(['unsafe']);
  expect(run.stores()).toEqual({ postgres: WEBHOOKS + 1 });
  expect(run.events).toContainEqual(expect.objectContaining({ type: 'unsafe_store', reason: 'evicts' }));
  await configure('maxmemory', '0');
  await configure('maxmemory-policy', 'noeviction');
});

async function configure(name: string, value: string): Promise<void> {
  await admin((client) => client.config('SET', name, value));
}

async function replicate(host: string, port: string): Promise<void> {
  await admin((client) => client.call('REPLICAOF', host, port));
}

async function admin(run: (client: Client) => Promise<unknown>): Promise<void> {
  const client = new Client(redis.url);
  await run(client);
  client.disconnect();
}
