// Processors use their transaction wrongly, PostgreSQL ends it, clocks are wrong: each acknowledged webhook is done once all the same.
import { afterEach, beforeAll, expect, test } from 'vitest';
import type { WebhookQueueOptions } from '../../src/webhooks/library.ts';
import { type Redis, startRedis } from '../support/redis.ts';
import { freshDatabase } from '../support/servers.ts';
import { FaultRun, outage, WEBHOOKS } from './fault-run.ts';

const DAY_MS = 86_400_000;
let redis: Redis;
let faults: FaultRun | undefined;

beforeAll(async () => {
  redis = await startRedis({ own: true, persistent: true });
  return () => redis.stop();
});

afterEach(async () => {
  await faults?.stop();
});

async function start(name: string, queue: Partial<WebhookQueueOptions> = {}): Promise<FaultRun> {
  faults = await FaultRun.start({
    redisUrl: redis.url,
    postgresUrl: await freshDatabase(),
    workers: 2,
    queue: { name, enqueueTimeoutMs: 10_000, ...queue },
  });
  return faults;
}

test.each([
  ['a branch of each first attempt writes after the attempt has failed', 'branching once'],
  ['each first attempt commits its transaction itself', 'committing once'],
  ['PostgreSQL refuses to commit each first attempt', 'orphaned once'],
])('%s', async (_what, type) => {
  const run = await start(type.replace(' ', '-'));
  await run.send(WEBHOOKS, { type });
  await run.expectEachDoneOnce();
});

test('the server ends all sessions again and again', async () => {
  const run = await start('terminated');
  let ended = 0;
  await run.send(WEBHOOKS, {
    during: async () => {
      for (let count = 0; count < 5; count++) {
        await outage(
          async () => {
            ended += await run.terminateBackends();
          },
          async () => {},
          200,
        );
      }
    },
  });
  await run.expectEachDoneOnce();
  expect(ended).toBeGreaterThan(5);
});

test('webhooks that failed once are delivered again and again, where redeliveries revive dead letters', async () => {
  const run = await start('revived', { deadLetters: { onRedelivery: 'revive' } });
  await run.send(WEBHOOKS, { type: 'failing once' });
  await run.allDone();
  await run.nothingOpen();
  expect(await run.deliverAgain('failing once')).toEqual(['duplicate']);
  expect(run.rejected).toEqual([]);
  await run.expectEachDoneOnce();
});

test('the clock of a worker is eight days ahead, and everything is delivered again', async () => {
  // Redis forgets what is done.
  const run = await start('clocks', { sweepIntervalMs: 100, retention: { completedMs: 1000, completedCount: 0 } });
  const ahead = run.startWorker(8 * DAY_MS);
  await ahead.waitForLine(/^told clock_skew$/);
  await run.send(WEBHOOKS);
  await run.allDone();
  await run.nothingOpen();
  expect(await run.deliverAgain()).toContain('queued');
  await run.expectEachDoneOnce();
});
