// The app does not see us: the same program prints the same, with and without the preload.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type AppOptions, runApp } from '../../support/app.ts';
import { startReceiver } from '../../support/otlp.ts';
import { type Redis, startRedis } from '../../support/redis.ts';
import { ioredisPath } from './ioredis-versions.ts';

let redis: Redis;
let cluster: Redis;
beforeAll(async () => {
  // A server of its own: the program flushes scripts and listens to all commands.
  [redis, cluster] = await Promise.all([
    startRedis({ own: true }),
    startRedis({ own: true, cluster: true, settings: { 'cluster-announce-ip': '127.0.0.1' } }),
  ]);
});
afterAll(() => Promise.all([redis?.stop(), cluster?.stop()]));

async function output(options: AppOptions, file = 'test/app/redis-all-forms.js'): Promise<string> {
  const env = { REDIS_URL: `${redis.url}/3`, CLUSTER_PORT: String(cluster.port), ...options.env };
  const exit = await runApp(file, { ...options, env }).waitForExit(60_000);
  expect(exit).toMatchObject({ code: 0, signal: null });
  return exit.stdout;
}

const EVERYTHING_ON = {
  SIETCH_OTEL_DB_ROOT_SPANS: 'all',
  SIETCH_OTEL_REDIS_SLOW_MS: '1',
  SIETCH_OTEL_REDIS_COMMAND_LOG: 'on',
  SIETCH_OTEL_REDIS_COMMAND_LOG_SKIP: 'none',
  SIETCH_OTEL_REDIS_KEY_TRACE: 'no such key*',
};

test('with the defaults', async () => {
  const bare = await output({ preload: 'none' });
  // All forms ran to the end.
  expect(bare).toMatch(/^statics: /m);
  expect(await output({})).toBe(bare);
});

test.each([
  ['ioredis 6 by require', 'test/app/redis-all-forms.js', 'ioredis'],
  ['ioredis 6 by import', 'test/app/redis-all-forms.mjs', 'ioredis'],
  ['ioredis 5', 'test/app/redis-all-forms.js', ioredisPath(5)],
  ['ioredis 4', 'test/app/redis-all-forms.js', ioredisPath(4)],
])('with everything on, while all of it is traced: %s', async (_, file, IOREDIS) => {
  const bare = await output({ preload: 'none', env: { IOREDIS } }, file);
  expect(bare).toMatch(/^statics: /m);
  const receiver = await startReceiver();
  expect(await output({ receiver, env: { IOREDIS, ...EVERYTHING_ON } }, file)).toBe(bare);
  const spans = receiver.store.spans.filter(({ scope }) => scope.name === '@opentelemetry/instrumentation-ioredis');
  await receiver.close();
  expect(spans.length).toBeGreaterThan(130);
  for (const { endTimeUnixNano, startTimeUnixNano } of spans) expect(endTimeUnixNano).toBeGreaterThanOrEqual(startTimeUnixNano);
});
