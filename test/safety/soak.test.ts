// The example service under steady load, with Paddle failing, Redis hanging and the collector away in between: nothing piles up, nothing is lost.
// SIETCH_OTEL_TEST_SOAK_MINUTES=10 gives the long form; without it the load lasts a quarter of a minute.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { type Receiver, startReceiver } from '../support/otlp.ts';
import { freePort } from '../support/ports.ts';
import { type Redis, startRedis } from '../support/redis.ts';
import { freshDatabase } from '../support/servers.ts';
import { startWebhookApp, type WebhookApp } from '../webhook/webhook-app.ts';
import { countProcessed, type Held, held, Load, type Used } from './soak-load.ts';

const ROUND_MS = 12_000;
const ROUNDS = Math.max(1, Math.round((Number(process.env['SIETCH_OTEL_TEST_SOAK_MINUTES'] ?? 0) * 60_000) / ROUND_MS));
const WARM_UP_MS = 3_000;
/** Code that is compiled late and caches that fill; a leak of one object a webhook would be more in the long form. */
const MAX_GROWTH_BYTES = 12 * 1024 * 1024;
/** Connections come and go with the load. */
const MAX_MORE_RESOURCES = 12;

let redis: Redis;
beforeAll(async () => {
  redis = await startRedis({ own: true });
});
afterAll(() => redis?.stop());

const PROBED = { nodeArgs: ['--expose-gc', '--require', './test/app/probe.cjs'] };
const wait = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** The collector: may go away and come back on its port. Counts the traces of webhooks that arrived, each once. */
class Collector {
  readonly served = new Set<string>();
  readonly processed = new Set<string>();
  readonly url: string;
  readonly #port: number;
  #receiver: Receiver | undefined;

  constructor(port: number) {
    this.#port = port;
    this.url = `http://127.0.0.1:${port}`;
  }

  async open(): Promise<void> {
    this.#receiver = await startReceiver({ port: this.#port, maxSpans: 100 });
    this.#receiver.onExport(({ spans }) => {
      for (const { name, traceId } of spans) {
        if (name === 'POST /webhooks/paddle') this.served.add(traceId);
        if (name === 'process webhooks') this.processed.add(traceId);
      }
    });
  }

  async close(): Promise<void> {
    await this.#receiver?.close();
  }
}

async function injectFaults(app: WebhookApp, collector: Collector): Promise<void> {
  await wait(ROUND_MS / 12);
  app.paddle.status = 503;
  await wait(ROUND_MS / 4);
  app.paddle.status = 200;
  await redis.pause();
  await wait(1_000);
  await redis.resume();
  await wait(ROUND_MS / 12);
  await collector.close();
  await wait(2_000);
  await collector.open();
}

/** The delay of the event loops without us, under the same load. */
async function bareDelays(): Promise<{ service: number; worker: number }> {
  const app = await startWebhookApp({ ...PROBED, preload: 'none', databaseUrl: await freshDatabase(), redisUrl: `${redis.url}/1` });
  try {
    await new Load(app).run(1_000);
    await Promise.all([held(app.service), held(app.worker)]);
    await new Load(app).run(WARM_UP_MS);
    const [service, worker] = await Promise.all([held(app.service), held(app.worker)]);
    return { service: service.delayMs, worker: worker.delayMs };
  } finally {
    await app.stop();
  }
}

function expectFlat(what: string, before: Held, after: Held): void {
  expect(after.heap - before.heap, `growth of the heap of the ${what}`).toBeLessThan(MAX_GROWTH_BYTES);
  expect(after.listeners, `listeners on process of the ${what}`).toBe(before.listeners);
  const kinds = new Set([...Object.keys(before.resources), ...Object.keys(after.resources)]);
  for (const kind of kinds) {
    const more = (after.resources[kind] ?? 0) - (before.resources[kind] ?? 0);
    expect(more, `more ${kind} in the ${what}`).toBeLessThanOrEqual(MAX_MORE_RESOURCES);
  }
}

const summary = (before: Held, after: Held & Used, bareMs: number) =>
  `heap ${(before.heap / 1e6).toFixed(1)} -> ${(after.heap / 1e6).toFixed(1)} MB, event loop delay p99 ${after.delayMs.toFixed(1)} ms (bare ${bareMs.toFixed(1)})`;

test(
  'heap, handles and listeners stay flat, every webhook is processed and its trace arrives',
  async () => {
    const bare = await bareDelays();
    const collector = new Collector(await freePort());
    await collector.open();
    const databaseUrl = await freshDatabase();
    const app = await startWebhookApp({ ...PROBED, receiver: collector, databaseUrl, redisUrl: `${redis.url}/2` });
    try {
      const load = new Load(app);
      const allProcessed = () =>
        eventually('all webhooks processed', async () => (await countProcessed(databaseUrl)) === load.accepted.length, 60_000);
      await load.run(WARM_UP_MS);
      await allProcessed();
      const before = { service: await held(app.service), worker: await held(app.worker) };
      for (let round = 0; round < ROUNDS; round++) await Promise.all([load.run(ROUND_MS), injectFaults(app, collector)]);
      await allProcessed();
      await eventually('the spans of all webhooks', () => collector.processed.size === load.accepted.length, 60_000);
      const after = { service: await held(app.service), worker: await held(app.worker) };
      console.info(`${load.accepted.length} webhooks. Service: ${summary(before.service, after.service, bare.service)}.`);
      console.info(`Worker: ${summary(before.worker, after.worker, bare.worker)}.`);
      const exits = [await app.service.stop(), await app.worker.stop()];

      expect(load.refused).toEqual([]);
      expect(collector.served.size).toBe(load.accepted.length);
      expectFlat('service', before.service, after.service);
      expectFlat('worker', before.worker, after.worker);
      for (const { stderr } of exits) expect(stderr).not.toMatch(/MaxListenersExceededWarning|dropped \d+/);
    } finally {
      await app.stop();
      await collector.close();
    }
  },
  180_000 + ROUNDS * ROUND_MS,
);
