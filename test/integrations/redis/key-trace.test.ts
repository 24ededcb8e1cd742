// The writer of a key is remembered beside it, and nothing else of Redis changes.
import { Redis as Client } from 'ioredis';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type Redis, startRedis } from '../../support/redis.ts';
import { FormsApp } from './forms-app.ts';

const PATIENCE = { timeout: 15_000 };
const CAP_S = 1000;
let redis: Redis;
let client: Client;
let app: FormsApp;
beforeAll(async () => {
  redis = await startRedis({ own: true });
  client = new Client(`${redis.url}/3`);
  const env = { SIETCH_OTEL_REDIS_KEY_TRACE: 'traced:*, pre:traced:?', SIETCH_OTEL_REDIS_KEY_TRACE_TTL_S: String(CAP_S) };
  app = await FormsApp.start(`${redis.url}/3`, { env });
});
beforeEach(() => client.flushdb());
afterAll(async () => {
  client?.disconnect();
  await app?.stop();
  await redis?.stop();
});

type Command = (string | number)[];

/** Runs commands in one trace, waits until `count` writers are written down, and returns the trace's id. */
async function write(commands: Command[], count: number, options: { keyPrefix?: string; how?: string } = {}): Promise<string> {
  const before = await written();
  const { traceId } = await app.run('write', { commands, ...options });
  await expect.poll(written, PATIENCE).toBe(before + count);
  return traceId;
}

async function written(): Promise<number> {
  return (await outcomes())['written'] ?? 0;
}

/** Writers by outcome, `failed NOPERM` for failures. */
async function outcomes(): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const [, labels = '', count] of (await app.metrics()).matchAll(/^sietch_redis_key_traces_total\{(.*)\} (\d+)$/gm)) {
    const values = ['sietch_redis_key_trace_outcome', 'error_type'].flatMap(
      (name) => new RegExp(`(?:^|,)${name}="([^"]*)"`).exec(labels)?.[1] ?? [],
    );
    counts[values.join(' ')] = Number(count);
  }
  return counts;
}

test('what writes a key, and what does not', async () => {
  const writes: Command[] = [
    ['set', 'traced:set', 'v'],
    ['setex', 'traced:setex', 100, 'v'],
    ['setnx', 'traced:setnx', 'v'],
    ['hset', 'traced:hset', 'f', 'v'],
    ['lpush', 'traced:lpush', 'v'],
    ['sadd', 'traced:sadd', 'v'],
    ['zadd', 'traced:zadd', 1, 'v'],
    ['xadd', 'traced:xadd', '*', 'f', 'v'],
    ['incr', 'traced:incr'],
    ['append', 'traced:append', 'v'],
    ['mset', 'traced:mset1', 'v', 'untraced', 'v', 'traced:mset2', 'v'],
    ['eval', "redis.call('set', KEYS[1], ARGV[1])", 1, 'traced:eval', 'v'],
  ];
  const others: Command[] = [
    ['set', 'untraced:set', 'v'],
    ['set', 'traced:set', 'again', 'NX'],
    ['setnx', 'traced:setnx', 'again'],
    ['lpush', 'traced:set', 'wrong type'],
    ['get', 'traced:missing'],
    ['del', 'traced:missing'],
    ['eval', 'return 1', 1, 'traced:script-that-writes-nothing'],
    ['set', 'trace:{traced:set}:like-a-companion', 'v'],
  ];
  const traceId = await write([...writes, ...others], writes.length + 1);
  const companions = (await client.keys('trace:{traced:*}')).sort();
  const names = ['append', 'eval', 'hset', 'incr', 'lpush', 'mset1', 'mset2', 'sadd', 'set', 'setex', 'setnx', 'xadd', 'zadd'];
  expect(companions).toEqual(names.map((name) => `trace:{traced:${name}}`).sort());
  for (const companion of companions) expect(await client.get(companion)).toMatch(new RegExp(`^00-${traceId}-[0-9a-f]{16}-01$`));
  // The values are what the app wrote.
  expect(await client.get('traced:set')).toBe('v');
  expect(await client.hgetall('traced:hset')).toEqual({ f: 'v' });
  expect(await client.dbsize()).toBe(names.length * 2 + 3);
});

test.each<[string, Command[], number]>([
  ['SET without an end', [['set', 'traced:k', 'v']], CAP_S],
  ['SET EX', [['set', 'traced:k', 'v', 'EX', 100]], 100],
  ['SET EX above the cap', [['set', 'traced:k', 'v', 'EX', 100_000]], CAP_S],
  ['SET PX', [['set', 'traced:k', 'v', 'PX', 100_000]], 100],
  ['SETEX', [['setex', 'traced:k', 100, 'v']], 100],
])('the companion ends with its key: %s', async (_, commands, seconds) => {
  await write(commands, 1);
  await expectLife('traced:k', seconds);
});

test.each<[string, Command[], number, string?]>([
  [
    'KEEPTTL',
    [
      ['set', 'traced:k', 'v', 'EX', 100],
      ['set', 'traced:k', 'w', 'KEEPTTL'],
    ],
    100,
  ],
  [
    'a write into a key that ends',
    [
      ['set', 'traced:k', '1', 'EX', 100],
      ['incr', 'traced:k'],
    ],
    100,
  ],
  [
    'pipelined',
    [
      ['hset', 'traced:k', 'f', 'v'],
      ['sadd', 'traced:k2', 'v'],
    ],
    CAP_S,
    'pipeline',
  ],
])('the companion ends with its key: %s', async (_, commands, seconds, how = 'plain') => {
  await write(commands, 2, { how });
  await expectLife('traced:k', seconds);
});

test.each([['plain'], ['pipeline'], ['multi']])('EXPIRE after the write shortens the companion too: %s', async (how) => {
  await write(
    [
      ['hset', 'traced:k', 'f', 'v'],
      ['expire', 'traced:k', 50],
    ],
    1,
    { how },
  );
  await expect.poll(() => client.pttl('trace:{traced:k}'), PATIENCE).toBeLessThanOrEqual(50_000);
  await expectLife('traced:k', 50);
});

/** At most `seconds`, and not after the key. */
async function expectLife(key: string, seconds: number): Promise<void> {
  const companion = `trace:{${key}}`;
  const [companionMs, companionEnd, keyEnd] = (
    (await client.multi().pttl(companion).pexpiretime(companion).pexpiretime(key).exec()) ?? []
  ).map(([, value]) => value);
  expect(Number(companionMs)).toBeLessThanOrEqual(seconds * 1000);
  expect(Number(companionMs)).toBeGreaterThan(seconds * 1000 - 30_000);
  // Moments, not what is left of them: that changes from one command to the next.
  if (Number(keyEnd) !== -1) expect(Number(companionEnd)).toBeLessThanOrEqual(Number(keyEnd));
}

test('in MULTI, after EXEC, and only what took effect', async () => {
  await client.set('traced:text', 'v');
  const commands: Command[] = [
    ['set', 'traced:a', 'v'],
    ['lpush', 'traced:text', 'wrong type'],
    ['set', 'traced:b', 'v'],
  ];
  const traceId = await write(commands, 2, { how: 'multi' });
  expect((await client.keys('trace:*')).sort()).toEqual(['trace:{traced:a}', 'trace:{traced:b}']);
  expect(await client.get('trace:{traced:b}')).toContain(traceId);
});

test('nothing gets between the MULTI and the EXEC of an app that sends them one by one', async () => {
  const before = await written();
  const { result } = await app.run('betweenTransaction');
  expect(result).toEqual([[null, 'OK']]);
  await expect.poll(written, PATIENCE).toBe(before + 1);
  expect(await client.keys('trace:*')).toEqual(['trace:{traced:inside}']);
});

test('a key prefix is part of the key, and whoWrote takes the key as the app does', async () => {
  const traceId = await write([['set', 'traced:1', 'v']], 1, { keyPrefix: 'pre:' });
  expect((await client.keys('*')).sort()).toEqual(['pre:traced:1', 'trace:{pre:traced:1}']);
  expect((await app.run('whoWrote', { key: 'traced:1', keyPrefix: 'pre:' })).result).toMatchObject({ traceId });
  expect((await app.run('whoWrote', { key: 'pre:traced:1' })).result).toMatchObject({ traceId });
  expect((await app.run('whoWrote', { key: 'traced:2', keyPrefix: 'pre:' })).result).toBeUndefined();
});

test('whoWrote names the span of the write', async () => {
  const traceId = await write([['set', 'traced:1', 'v']], 1);
  const [span] = await app.spansOf(traceId);
  const expected = { traceId, spanId: span?.spanId, traceparent: `00-${traceId}-${span?.spanId}-01` };
  expect((await app.run('whoWrote', { key: 'traced:1' })).result).toEqual(expected);
});

test('companions are neither traced nor recorded', async () => {
  const { counts, answer } = await app.countsOf('write', {
    commands: [
      ['set', 'traced:1', 'v'],
      ['hset', 'traced:2', 'f', 'v'],
    ],
  });
  await expect.poll(() => client.exists('trace:{traced:1}', 'trace:{traced:2}'), PATIENCE).toBe(2);
  expect(counts).toEqual({ set: 1, hset: 1 });
  expect((await app.spansOf(answer.traceId)).map(({ name }) => name)).toEqual(['set', 'hset']);
});

test('what could not be written is counted, and the app notices nothing', async () => {
  // The companions' keys are forbidden to the user that the app has.
  await client.acl('SETUSER', 'default', 'resetkeys', '~traced:*', '~pre:*');
  try {
    expect((await app.run('write', { commands: [['set', 'traced:1', 'v']] })).result).toBe('ready');
    await expect.poll(outcomes, PATIENCE).toMatchObject({ 'failed NOPERM': 1 });
    expect(await client.get('traced:1')).toBe('v');
  } finally {
    await client.acl('SETUSER', 'default', 'allkeys');
  }
});

test('a key whose slot no other name has is counted as dropped', async () => {
  const { dropped = 0 } = await outcomes();
  await app.run('write', { commands: [['set', 'traced:}1', 'v']] });
  await expect.poll(outcomes, PATIENCE).toMatchObject({ dropped: dropped + 1 });
  expect(await client.keys('*')).toEqual(['traced:}1']);
});

test('unsampled traces leave nothing', async () => {
  const env = { SIETCH_OTEL_REDIS_KEY_TRACE: '*', OTEL_TRACES_SAMPLER: 'always_off' };
  const unsampled = await FormsApp.start(`${redis.url}/3`, { env });
  try {
    await unsampled.run('write', { commands: [['set', 'traced:1', 'v']] });
    await unsampled.run('write', { commands: [['get', 'traced:1']] });
    expect(await client.keys('*')).toEqual(['traced:1']);
  } finally {
    await unsampled.stop();
  }
});
