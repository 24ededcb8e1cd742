// Workers die and are replaced while webhooks arrive.
import { afterEach, beforeAll, expect, test } from 'vitest';
import { type Redis, startRedis } from '../support/redis.ts';
import { freshDatabase } from '../support/servers.ts';
import { FaultRun, outage, WEBHOOKS } from './fault-run.ts';

let redis: Redis;
let faults: FaultRun | undefined;

beforeAll(async () => {
  redis = await startRedis({ own: true, persistent: true });
  return () => redis.stop();
});

afterEach(async () => {
  await faults?.stop();
});

async function start(name: string): Promise<FaultRun> {
  faults = await FaultRun.start({ redisUrl: redis.url, postgresUrl: await freshDatabase(), workers: 2, workMs: 10, queue: { name } });
  return faults;
}

test('workers are killed in mid-job', async () => {
  const run = await start('killed');
  await run.send(WEBHOOKS, {
    during: async () => {
      for (const victim of [...run.workers]) {
        await outage(
          async () => victim.signal('SIGKILL'),
          async () => run.startWorker(),
          100,
        );
      }
    },
  });
  await run.expectEachDoneOnce();
  expect(run.workers.slice(0, 2).map(({ child }) => child.signalCode)).toEqual(['SIGKILL', 'SIGKILL']);
});

test('a deploy replaces the workers under load', async () => {
  const run = await start('deployed');
  await run.send(WEBHOOKS, {
    during: async () => {
      for (const old of [...run.workers]) {
        await run.startWorker().waitForLine(/^working$/);
        old.signal('SIGTERM');
        expect(await old.waitForExit()).toMatchObject({ code: 0, stdout: expect.stringContaining('closed') });
      }
    },
  });
  await run.expectEachDoneOnce();
  expect(run.events.filter(({ type }) => type === 'stalled')).toEqual([]);
});
