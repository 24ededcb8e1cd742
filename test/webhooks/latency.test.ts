// How long the endpoint of a webhook waits for its answer. The bounds hold on any machine; what was measured on one is in docs/queues.md, from
// SIETCH_OTEL_TEST_WEBHOOKS=2000 npx vitest run --config test/vitest.config.ts test/webhooks/latency.test.ts
import { afterAll, beforeAll, expect, test } from 'vitest';
import { routeEvents } from '../../src/index.ts';
import { WebhookQueue } from '../../src/webhooks/library.ts';
import { eventually } from '../support/eventually.ts';
import { type Redis, startRedis } from '../support/redis.ts';

const EVENTS = Number(process.env['SIETCH_OTEL_TEST_WEBHOOKS'] ?? 300);

let redis: Redis;
let queue: WebhookQueue;
let next = 0;

beforeAll(async () => {
  routeEvents('off');
  redis = await startRedis({ own: true, persistent: true });
  queue = new WebhookQueue({ name: 'webhooks', connection: redis.url });
});
afterAll(async () => {
  await queue?.close({ timeoutMs: 1000 });
  await redis?.stop();
});

const deliver = () => queue.enqueue({ id: `evt-${next++}`, type: 'paid', payload: { amount: 1 } });
const isTaken = () =>
  deliver().then(
    () => true,
    () => false,
  );

/** Milliseconds of so many deliveries one after the other, in order of size. */
async function time(count: number): Promise<number[]> {
  const times: number[] = [];
  for (let i = 0; i < count; i++) {
    const began = performance.now();
    await isTaken();
    times.push(performance.now() - began);
  }
  return times.sort((a, b) => a - b);
}

function say(what: string, times: readonly number[]): void {
  if (process.env['SIETCH_OTEL_TEST_WEBHOOKS'] === undefined) return;
  const share = (part: number) => times[Math.min(times.length - 1, Math.floor(times.length * part))]?.toFixed(2);
  process.stderr.write(`${what}: ${times.length} webhooks, ms: median ${share(0.5)}, p99 ${share(0.99)}, longest ${share(1)}\n`);
}

test('with Redis, at once', async () => {
  await eventually('Redis takes webhooks', isTaken);
  const times = await time(EVENTS);
  say('up', times);
  expect(times[Math.floor(times.length * 0.99)]).toBeLessThan(200);
});

test('while Redis hangs, its deadline once, then at once', async () => {
  await redis.pause();
  const [first = 0] = await time(1);
  // A second client may be in flight when the connection is given up: only the end of it counts here.
  await eventually('it is known', async () => ((await time(1))[0] ?? 0) < 200);
  const times = await time(EVENTS / 10);
  await redis.resume();
  say('hangs, the first', [first]);
  say('hangs, later', times);
  expect(first).toBeLessThan(3000);
  expect(times.at(times.length >> 1)).toBeLessThan(200);
  await eventually('Redis takes webhooks again', isTaken);
});

test('while Redis is down, at once', async () => {
  await redis.kill();
  await eventually('it is known', async () => !(await isTaken()));
  const times = await time(EVENTS / 10);
  await redis.restart();
  say('down', times);
  expect(times.at(times.length >> 1)).toBeLessThan(200);
  await eventually('Redis takes webhooks again', isTaken);
});
