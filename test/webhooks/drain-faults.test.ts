// A backlog in PostgreSQL is worked off in batches while workers, Redis or PostgreSQL fail. No acknowledged webhook is lost, none is done twice.
import { afterEach, beforeAll, expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
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
  faults = undefined;
});

/** Redis is away, two workers stand still, and all webhooks wait in PostgreSQL. */
async function backlog(name: string, type?: string): Promise<FaultRun> {
  const options = { redisUrl: redis.url, postgresUrl: await freshDatabase(), workers: 2, workMs: 10, queue: { name, concurrency: 20 } };
  const run = await FaultRun.start(options);
  faults = run;
  for (const worker of run.workers) worker.signal('SIGSTOP');
  await redis.kill();
  await run.send(WEBHOOKS, type === undefined ? {} : { type });
  expect(run.stores()['postgres']).toBeGreaterThanOrEqual(WEBHOOKS);
  for (const worker of run.workers) worker.signal('SIGCONT');
  return run;
}

/** Resolves when not more than this share of the webhooks is left. */
async function left(run: FaultRun, share: number): Promise<void> {
  await eventually(`${share} of the backlog is left`, async () => (await run.missing()).length <= WEBHOOKS * share, 60_000);
}

test('workers are killed in the middle of a batch', async () => {
  const run = await backlog('backlog-killed');
  for (const share of [0.8, 0.5]) {
    await left(run, share);
    const victims = run.workers.slice(-2);
    for (const victim of victims) victim.signal('SIGKILL');
    await Promise.all(victims.map((victim) => victim.waitForExit()));
    expect((await run.queue.getMetrics()).depth.postgres).toMatchObject({ active: expect.any(Number) });
    for (const _ of victims) run.startWorker();
  }
  await left(run, 0);
  await redis.restart();
  await run.expectEachDoneOnce();
});

test('a worker hangs in the middle of a batch until its locks have run out', async () => {
  const run = await backlog('backlog-hung');
  await left(run, 0.8);
  const [hung, other] = run.workers;
  hung?.signal('SIGSTOP');
  await other?.waitForLine(/^told stalled$/);
  hung?.signal('SIGCONT');
  await redis.restart();
  await run.expectEachDoneOnce();
});

test('Redis comes back and goes away again', async () => {
  const run = await backlog('backlog-redis');
  for (const share of [0.8, 0.5]) {
    await left(run, share);
    await outage(
      () => redis.restart(),
      () => redis.kill(),
    );
  }
  await redis.restart();
  await run.expectEachDoneOnce();
});

test('PostgreSQL ends all sessions in the middle of a batch', async () => {
  const run = await backlog('backlog-sessions');
  for (const share of [0.9, 0.7, 0.5, 0.3]) {
    await left(run, share);
    expect(await run.terminateBackends()).toBeGreaterThan(0);
  }
  await redis.restart();
  await run.expectEachDoneOnce();
});

test('each webhook fails once: its second attempt comes after its delay', async () => {
  const run = await backlog('backlog-failing', 'failing once');
  await redis.restart();
  await run.expectEachDoneOnce();
  expect(await run.attempts()).toEqual([{ attempt: 2, count: WEBHOOKS }]);
});
