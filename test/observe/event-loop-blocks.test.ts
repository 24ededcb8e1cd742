// A blocked event loop of ours is not a slow PostgreSQL or Redis: what waited for it is not reported as slow, and the block is named once.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runApp } from '../support/app.ts';
import { lastPoint, type Receiver, type Span, spanNamed, startReceiver } from '../support/otlp.ts';
import { type Redis, startRedis } from '../support/redis.ts';
import { freshDatabase } from '../support/servers.ts';

interface Run {
  receiver: Receiver;
  /** JSON lines of stderr. */
  logs: Record<string, unknown>[];
  /** What the listener of slow queries was told. */
  told: Record<string, unknown>[];
  /** Lines about the event loop. */
  blocks: string[];
}

const receivers: Receiver[] = [];
let redis: Redis;
beforeAll(async () => {
  redis = await startRedis({ own: true, settings: { 'enable-debug-command': 'yes' } });
});
afterAll(async () => {
  await redis?.stop();
  for (const receiver of receivers) await receiver.close();
});

async function run(...kinds: string[]): Promise<Run> {
  const receiver = await startReceiver();
  receivers.push(receiver);
  const app = runApp('test/app/loop-blocks.js', {
    args: [await freshDatabase(), redis.url, ...kinds],
    receiver,
    env: {
      OTEL_METRICS_EXPORTER: 'otlp',
      SIETCH_OTEL_PG_SLOW_QUERY_MS: '400',
      SIETCH_OTEL_REDIS_SLOW_MS: '400',
      SIETCH_OTEL_BANNER: 'off',
    },
  });
  const { code, stdout, stderr } = await app.waitForExit(60_000);
  expect(code, stderr).toBe(0);
  return {
    receiver,
    logs: jsonLines(stderr),
    told: jsonLines(stdout),
    blocks: stderr.split('\n').filter((line) => line.includes('SIETCH176')),
  };
}

function jsonLines(text: string): Record<string, unknown>[] {
  return text
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line): Record<string, unknown> => JSON.parse(line));
}

/** The spans below the app's span of this name. */
function spansBelow({ receiver }: Run, kind: string): Span[] {
  const { spans } = receiver.store;
  return spans.filter(({ parentSpanId }) => parentSpanId === spanNamed(spans, kind).spanId);
}

describe('what only waited for our own event loop', { timeout: 90_000 }, () => {
  test('is no slow query: the block is named once', async () => {
    const done = await run('query, blocked', 'query, blocked later');
    expect(done.logs).toEqual([]);
    expect(done.told).toEqual([]);
    expect(done.blocks).toEqual([
      expect.stringMatching(
        /warn SIETCH176 the event loop was blocked [^:]+: for \d{4} of the \d{4} ms that a query took \(SELECT\) Remedy: /,
      ),
    ]);
    expect(lastPoint(done.receiver.store.metrics, 'sietch.slow_query')).toBeUndefined();
    // The span has the time that the app waited.
    const [span] = spansBelow(done, 'query, blocked');
    expect(span?.events).toEqual([]);
    expect(Number((span?.endTimeUnixNano ?? 0n) - (span?.startTimeUnixNano ?? 0n)) / 1e6).toBeGreaterThan(1_400);
  });

  test('is no slow command, also when it was not even sent: the block is named once', async () => {
    const done = await run('command, blocked before it is sent', 'command, blocked');
    expect(done.logs).toEqual([]);
    expect(done.blocks).toEqual([
      expect.stringMatching(/blocked [^:]+: for \d{4} of the \d{4} ms that a Redis command took \(PIPELINE get\)/),
    ]);
    expect(lastPoint(done.receiver.store.metrics, 'sietch.redis.slow_commands')).toBeUndefined();
  });
});

test('a slow server is reported, with the time that the event loop was blocked beside', { timeout: 90_000 }, async () => {
  const done = await run('query, slow', 'query, both', 'command, slow', 'command, both');
  expect(done.blocks).toEqual([]);
  const [slow, both, slowCommand, bothCommands] = done.logs;
  for (const log of [slow, slowCommand]) expect(log?.['sietch.event_loop.blocked_ms'] ?? 0).toBeLessThan(1_300);
  for (const log of [both, bothCommands]) expect(log?.['sietch.event_loop.blocked_ms']).toBeGreaterThan(1_300);
  for (const log of done.logs) expect(log['sietch.duration_ms']).toBeGreaterThan(2_900);
  expect(done.logs.map(({ event }) => event)).toEqual([
    'sietch.pg.slow_query',
    'sietch.pg.slow_query',
    'sietch.redis.slow_command',
    'sietch.redis.slow_command',
  ]);
  expect(done.told).toHaveLength(2);
  expect(done.told[1]?.['loopBlockedMs']).toBeGreaterThan(1_300);
});

test('when every query is slow, ten lines a second are enough, and the counter tells the rest', { timeout: 90_000 }, async () => {
  const done = await run('queries, many slow');
  expect(done.told).toHaveLength(32);
  expect(lastPoint(done.receiver.store.metrics, 'sietch.slow_query')?.value).toBeGreaterThanOrEqual(31);
  const unlogged = done.logs.reduce((sum, log) => sum + Number(log['sietch.pg.unlogged'] ?? 0), 0);
  expect(done.logs.length + unlogged).toBe(32);
  expect(unlogged).toBeGreaterThan(0);
});

test('what ioredis and BullMQ send to look after their connections is no slow command of the app', { timeout: 90_000 }, async () => {
  const { logs } = await run('upkeep, slow');
  expect(logs.map((log) => log['db.operation.name'])).toEqual(['debug']);
});
