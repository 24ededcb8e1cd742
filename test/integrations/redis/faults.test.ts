// A server that hangs, dies and comes back: still one record and one ended span a command, and the app gets what it would get without us.
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Redis, startRedis } from '../../support/redis.ts';
import { FormsApp, restartUnder } from './forms-app.ts';

const PATIENCE = { timeout: 15_000 };
let redis: Redis;
let app: FormsApp;
beforeEach(async () => {
  redis = await startRedis({ own: true });
  app = await FormsApp.start(redis.url);
});
afterEach(async () => {
  await app?.stop();
  await redis?.stop();
});

test('a hung server: the command times out once, also when its answer comes after all', async () => {
  await app.run('hung');
  const before = await app.counts();
  await redis.pause();
  const answer = await app.run('hung');
  expect(answer.result).toBe('Error: Command timed out');
  const spans = await app.spansOf(answer.traceId);
  expect(spans.map(({ name, attributes }) => [name, attributes['error.type']])).toEqual([['get', 'timeout']]);
  expect(Number((spans[0]?.endTimeUnixNano ?? 0n) - (spans[0]?.startTimeUnixNano ?? 0n)) / 1e6).toBeGreaterThan(900);
  await redis.resume();
  // Behind the late answer on the same connection.
  await app.run('hungAgain');
  expect(await app.counts()).toEqual({ ...before, 'get|timeout': 1, get: (before['get'] ?? 0) + 1 });
  expect(app.receiver.store.spans.filter((span) => span.traceId === answer.traceId && span.name === 'get')).toHaveLength(1);
});

test('a server that dies under a command and comes back: sent twice, recorded once', async () => {
  const before = await app.counts();
  const pushingAfterwards = async () => {
    await restartUnder(redis, app);
    return startPushing(redis.url);
  };
  const [{ result, traceId }, pushing] = await Promise.all([app.run('killed'), pushingAfterwards()]);
  await pushing();
  expect(result).toEqual(['after the crash', 'element']);
  const after = await app.counts();
  expect(after['blpop']).toBe((before['blpop'] ?? 0) + 1);
  expect((await app.spansOf(traceId)).map(({ name, status }) => [name, status.code])).toEqual([['blpop', 'UNSET']]);
});

test('a server that is gone: one failed record a command', async () => {
  await app.run('down');
  await redis.kill();
  const { counts, answer } = await app.countsOf('down');
  expect(answer.result).toMatch(/^MaxRetriesPerRequestError/);
  expect(counts).toEqual({ 'get|MaxRetriesPerRequestError': 1 });
  const spans = await app.spansOf(answer.traceId);
  expect(spans.map(({ name, status }) => [name, status.code])).toEqual([['get', 'ERROR']]);
  await redis.restart();
  await expect.poll(async () => (await app.run('down')).result, PATIENCE).toBe(null);
});

/** Pushes an element until the returned function is called: the waiting client may come back at any moment. */
async function startPushing(url: string): Promise<() => Promise<void>> {
  const { Redis: Client } = await import('ioredis');
  const client = new Client(url);
  await client.rpush('after the crash', 'element');
  return async () => {
    await client.quit();
  };
}
