// A server that dies and comes back, one that is slow, the writers of keys, and Sentinel.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis as Client } from 'ioredis';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { endChild, spawnGuarded } from '../../support/guarded-process.ts';
import { INSTALLING_MS } from '../../support/npm-packages.ts';
import { freePort } from '../../support/ports.ts';
import { type Redis, startRedis } from '../../support/redis.ts';
import { findRedis } from '../../support/redis-binaries.ts';
import { type Counts, FormsApp, restartUnder } from '../redis/forms-app.ts';
import { FORMS, nodeRedisPath, VERSIONS } from './node-redis-versions.ts';

const PATIENCE = { timeout: 15_000 };

describe.each(VERSIONS.slice(1))('redis %s', (version) => {
  let redis: Redis;
  let app: FormsApp;
  beforeAll(async () => {
    redis = await startRedis({ own: true, settings: { 'enable-debug-command': 'yes' } });
    const env = { NODE_REDIS: await nodeRedisPath(version), SIETCH_OTEL_REDIS_KEY_TRACE: 'traced:*' };
    app = await FormsApp.start(`${redis.url}/3`, { env }, FORMS);
  }, INSTALLING_MS);
  afterAll(async () => {
    await app?.stop();
    await redis?.stop();
  });

  test('a slow command is logged with its trace and counted; one that blocks by design is not', async () => {
    const { traceId } = await app.run('slow');
    const [span] = await app.spansOf(traceId);
    const record = await app.receiver.store.waitFor(({ logs }) => logs.find(({ eventName }) => eventName === 'sietch.redis.slow_command'));
    expect(record).toMatchObject({ severityText: 'WARN', traceId, spanId: span?.spanId });
    expect(record.attributes).toEqual({
      'db.operation.name': 'debug',
      'db.namespace': '3',
      'db.query.text': 'debug',
      'server.address': '127.0.0.1',
      'server.port': redis.port,
      'sietch.duration_ms': expect.any(Number),
    });
    expect(await app.metrics()).not.toMatch(/slow_commands_total\{db_operation_name="blpop"/);
  });

  test('a write to a listed key leaves its trace beside it, and no other write does', async () => {
    const commands = [
      ['SET', 'traced:1', 'v'],
      ['SET', 'traced:2', 'v', 'EX', '100'],
      ['SET', 'other', 'v'],
    ];
    const { traceId } = await app.run('write', { commands });
    const client = new Client(redis.port, '127.0.0.1', { db: 3 });
    try {
      for (const key of ['trace:{traced:1}', 'trace:{traced:2}'])
        await expect.poll(() => client.get(key), PATIENCE).toContain(`00-${traceId}-`);
      expect(await client.keys('trace:*')).toHaveLength(2);
      expect(await client.ttl('trace:{traced:2}')).toBeLessThanOrEqual(100);
    } finally {
      client.disconnect();
    }
  });

  test('a server that dies under a command and comes back: one failed record, and what waited is answered', async () => {
    const before = await app.counts();
    const [{ result, traceId }] = await Promise.all([app.run('killed'), restartUnder(redis, app)]);
    expect(result).toEqual([expect.stringMatching(/Socket closed unexpectedly|ECONNRESET/), null]);
    const spans = await app.spansOf(traceId);
    expect(spans.map(({ name, attributes }) => [name, attributes['error.type']])).toEqual([
      ['blpop', expect.stringMatching(/^(connection_closed|ECONNRESET)$/)],
      ['get', undefined],
    ]);
    const after = await app.counts();
    const failures = (counts: Counts) => (counts['blpop|connection_closed'] ?? 0) + (counts['blpop|ECONNRESET'] ?? 0);
    expect(failures(after)).toBe(failures(before) + 1);
  });
});

describe.each(VERSIONS.slice(2))('redis %s with Sentinel', (version) => {
  test(
    'commands are seen on the server that it names, and what finds it is not',
    async () => {
      const redis = await startRedis({ own: true });
      const sentinel = await startSentinel(redis.port);
      const env = { NODE_REDIS: await nodeRedisPath(version), SENTINEL_PORT: String(sentinel.port) };
      const app = await FormsApp.start(redis.url, { env }, FORMS);
      try {
        const { answer, counts } = await app.countsOf('sentinel');
        expect(answer.result).toEqual(['OK', '1', '1']);
        expect(counts).toEqual({ set: 1, get: 2 });
        const spans = await app.spansOf(answer.traceId);
        expect(spans.map(({ name, attributes }) => [name, attributes['server.port']])).toEqual([
          ['set', redis.port],
          ['get', redis.port],
          ['get', redis.port],
        ]);
      } finally {
        await app.stop();
        await sentinel.stop();
        await redis.stop();
      }
    },
    INSTALLING_MS,
  );
});

/** One Sentinel that watches the server as `mymaster`. */
async function startSentinel(masterPort: number): Promise<{ port: number; stop(): Promise<void> }> {
  const program = await findRedis();
  if (program.kind !== 'program') throw new Error('Sentinel needs a Redis that is a program');
  const directory = mkdtempSync(join(tmpdir(), 'sietch-otel-sentinel-'));
  const port = await freePort();
  const file = join(directory, 'sentinel.conf');
  writeFileSync(
    file,
    `port ${port}\nbind 127.0.0.1\nprotected-mode no\ndir ${directory}\nsentinel monitor mymaster 127.0.0.1 ${masterPort} 1\n`,
  );
  const child = spawnGuarded({
    command: program.path,
    args: [file, '--sentinel'],
    env: program.env,
    cwd: directory,
    removeDirectory: directory,
  });
  const client = new Client(port, '127.0.0.1', { lazyConnect: true, retryStrategy: () => 50 });
  client.on('error', () => {});
  await expect.poll(() => client.call('SENTINEL', 'get-master-addr-by-name', 'mymaster').catch(() => undefined), PATIENCE).toBeTruthy();
  client.disconnect();
  return {
    port,
    async stop() {
      await endChild(child, 'SIGTERM');
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
