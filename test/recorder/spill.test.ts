// The marks of webhooks that a WebhookQueue has taken into PostgreSQL while its Redis was away.
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Receiver, startReceiver } from '../support/otlp.ts';
import { type Redis, startRedis } from '../support/redis.ts';
import { freshDatabase } from '../support/servers.ts';
import { runWebApp, type WebApp } from '../support/web-app.ts';

let receiver: Receiver;
let redis: Redis;
let apps: WebApp[] = [];

beforeEach(async () => {
  [receiver, redis] = await Promise.all([startReceiver(), startRedis({ own: true })]);
});
afterEach(async () => {
  await Promise.all(apps.map(({ app }) => app.stop()));
  apps = [];
  await redis?.stop();
  await receiver?.close();
});

async function start(name: 'web' | 'worker', databaseUrl: string): Promise<WebApp> {
  const env = {
    REDIS_URL: redis.url,
    DATABASE_URL: databaseUrl,
    OTEL_SERVICE_NAME: name,
    SIETCH_OTEL_RECORDER: 'on',
    SIETCH_OTEL_RECORDER_SLOW_MS: '0',
    SIETCH_OTEL_PG_SLOW_QUERY_MS: '0',
    OTEL_TRACES_SAMPLER: 'parentbased_always_off',
    OTEL_BSP_SCHEDULE_DELAY: '100',
  };
  const started = await runWebApp('test/app/recorder/spill.mjs', { args: [name], receiver, env });
  apps.push(started);
  return started;
}

async function deliver(web: WebApp, id: string): Promise<{ store: string; traceId: string }> {
  return JSON.parse((await web.ask('/', { method: 'POST', body: id })).body);
}

// web      POST ─ send webhooks-spill
// worker               └ process webhooks-spill   ERROR; its mark waits until Redis is back
test('a spilled webhook that fails in the worker has its HTTP half, once Redis is back', async () => {
  const databaseUrl = await freshDatabase();
  const [web, worker] = await Promise.all([start('web', databaseUrl), start('worker', databaseUrl)]);
  await redis.kill();
  // The first one finds out that Redis is away, which is an error of its own.
  await deliver(web, 'evt_1');
  const { store, traceId } = await deliver(web, 'evt_2');
  expect(store).toBe('postgres');
  await worker.app.waitForLine(/SIETCH250/);
  const before = await receiver.store.waitForTrace(traceId, (found) => found.length > 0);
  expect(before.map(({ service, name }) => [service, name])).toEqual([['worker', 'process webhooks-spill']]);
  await redis.restart();
  const spans = await receiver.store.waitForTrace(traceId, (found) => found.length >= 3);
  expect(spans.map(({ service, name }) => [service, name]).sort()).toEqual([
    ['web', 'POST'],
    ['web', 'send webhooks-spill'],
    ['worker', 'process webhooks-spill'],
  ]);
});
