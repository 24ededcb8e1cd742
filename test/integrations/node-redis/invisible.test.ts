// The app does not see us: the same program prints the same, with and without the preload.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type AppOptions, runApp } from '../../support/app.ts';
import { INSTALLING_MS } from '../../support/npm-packages.ts';
import { startReceiver } from '../../support/otlp.ts';
import { type Redis, startRedis } from '../../support/redis.ts';
import { nodeRedisPath } from './node-redis-versions.ts';

let redis: Redis;
let cluster: Redis;
beforeAll(async () => {
  // A server of its own: the program removes all keys and listens to all commands.
  [redis, cluster] = await Promise.all([startRedis({ own: true }), startRedis({ own: true, cluster: true })]);
});
afterAll(() => Promise.all([redis?.stop(), cluster?.stop()]));

async function output(options: AppOptions, file: string): Promise<string> {
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
const CJS = 'test/app/node-redis-all-forms.cjs';

// 4.0.0 ends the process where the program gives it a value of a wrong type.
test.each([
  ['redis 4.7.1 by require', CJS, '4.7.1'],
  ['redis 5.0.0 by require', CJS, '5.0.0'],
  ['redis 5.12.1 by require', CJS, '5.12.1'],
  ['redis 6.3.1 by require', CJS, '6.3.1'],
  ['redis 5 of this checkout by import', 'test/app/node-redis-all-forms.mjs', undefined],
] as const)(
  '%s',
  async (_, file, version) => {
    const NODE_REDIS = version === undefined ? undefined : await nodeRedisPath(version);
    const bare = await output({ preload: 'none', env: { NODE_REDIS } }, file);
    // All forms ran to the end.
    expect(bare).toMatch(/^end$/m);
    expect(await output({ env: { NODE_REDIS } }, file)).toBe(bare);
    const receiver = await startReceiver();
    expect(await output({ receiver, env: { NODE_REDIS, ...EVERYTHING_ON } }, file)).toBe(bare);
    const spans = receiver.store.spans.filter(({ scope }) => scope.name === '@sietch/otel/node-redis');
    await receiver.close();
    expect(spans.length).toBeGreaterThan(130);
    for (const { endTimeUnixNano, startTimeUnixNano } of spans) expect(endTimeUnixNano).toBeGreaterThanOrEqual(startTimeUnixNano);
  },
  INSTALLING_MS,
);
