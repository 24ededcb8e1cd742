// The app does not see us: the same program prints the same, with and without the preload.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type AppOptions, runApp } from '../support/app.ts';
import { type Redis, startRedis } from '../support/redis.ts';
import { ioredis5Path } from './ioredis-versions.ts';

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
  SIETCH_OTEL_REDIS_REQUIRE_PARENT: 'off',
  SIETCH_OTEL_REDIS_SLOW_MS: '1',
  SIETCH_OTEL_REDIS_COMMAND_LOG: 'on',
  SIETCH_OTEL_REDIS_COMMAND_LOG_SKIP: 'none',
  OTEL_TRACES_EXPORTER: 'otlp',
  OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1',
};

test.each([
  ['defaults', {}],
  ['everything on', EVERYTHING_ON],
])('ioredis 6, %s', async (_, env) => {
  const bare = await output({ preload: 'none' });
  // All forms ran to the end.
  expect(bare).toMatch(/^statics: /m);
  expect(await output({ env })).toBe(bare);
});

test('ioredis 6 by import', async () => {
  expect(await output({}, 'test/app/redis-all-forms.mjs')).toBe(await output({ preload: 'none' }));
});

test('ioredis 5', async () => {
  const env = { IOREDIS: ioredis5Path() };
  const bare = await output({ preload: 'none', env });
  expect(bare).toMatch(/^statics: /m);
  expect(await output({ env: { ...env, ...EVERYTHING_ON } })).toBe(bare);
});
