// The network between the webhooks and Redis.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { type Redis, startRedis } from '../support/redis.ts';
import { freshDatabase } from '../support/servers.ts';
import { FaultRun, outage, WEBHOOKS } from './fault-run.ts';
import { SlowLink } from './slow-link.ts';

let redis: Redis;
let link: SlowLink;
let faults: FaultRun;

beforeAll(async () => {
  redis = await startRedis({ own: true, persistent: true });
  link = await SlowLink.to(redis.port);
  faults = await FaultRun.start({ redisUrl: `redis://127.0.0.1:${link.port}`, postgresUrl: await freshDatabase(), workers: 2 });
});

afterAll(async () => {
  await faults?.stop();
  await link?.close();
  await redis?.stop();
});

test('the network is slow, then swallows all, then heals', async () => {
  link.delayMs = 40;
  await faults.send(WEBHOOKS / 3);
  expect(faults.reasons()).toEqual([]);
  link.delayMs = 5;
  await faults.send(WEBHOOKS / 3, {
    during: () =>
      outage(
        async () => link.cut(),
        async () => link.heal(),
        700,
      ),
  });
  await eventually('Redis takes webhooks again', async () => {
    await faults.send(1);
    return !(await faults.queue.getMetrics()).availability.isDegraded;
  });
  // Not always the last: a webhook that PostgreSQL took meanwhile is told when it has.
  expect(faults.events.map(({ type }) => type)).toContain('recovered');
  await faults.expectEachDoneOnce();
  expect(faults.reasons()).toContain('timeout');
});
