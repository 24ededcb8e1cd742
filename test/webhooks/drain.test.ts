// How fast a backlog in PostgreSQL is worked off, by one worker process with an empty processor. Printed when SIETCH_OTEL_TEST_WEBHOOKS asks for a number.
import { loadavg } from 'node:os';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { routeEvents } from '../../src/index.ts';
import { type QueueEvent, WebhookQueue } from '../../src/webhooks/library.ts';
import { eventually } from '../support/eventually.ts';
import { freePort } from '../support/ports.ts';
import { freshDatabase } from '../support/servers.ts';

const WEBHOOKS = Number(process.env['SIETCH_OTEL_TEST_WEBHOOKS'] ?? 300);
const PATIENCE_MS = 60_000 + WEBHOOKS * 60;

const events: QueueEvent[] = [];
const runs = new Map<string, number>();
let queue: WebhookQueue;

beforeAll(async () => {
  routeEvents('off');
  queue = new WebhookQueue({
    name: 'backlog',
    connection: `redis://127.0.0.1:${await freePort()}`,
    spill: { connection: await freshDatabase() },
    concurrency: 20,
    retention: { completedCount: WEBHOOKS - 10 },
    sweepIntervalMs: 200,
    onEvent: (event) => events.push(event),
    processor: ({ id }) => {
      runs.set(id, (runs.get(id) ?? 0) + 1);
    },
  });
});
afterAll(() => queue.close());

test('a backlog is worked off, each webhook once', { timeout: PATIENCE_MS }, async () => {
  let next = 0;
  const deliver = async () => {
    while (next < WEBHOOKS)
      expect(await queue.enqueue({ id: `${next++}`, type: 'paid', payload: {} })).toMatchObject({ store: 'postgres' });
  };
  const began = performance.now();
  await Promise.all(Array.from({ length: 20 }, deliver));
  const taken = performance.now();
  const cpuTaken = process.cpuUsage();
  queue.startWorker();
  await eventually('the backlog is worked off', () => runs.size === WEBHOOKS, PATIENCE_MS);
  const drained = performance.now();
  const { user, system } = process.cpuUsage(cpuTaken);
  await eventually('all are done, and the oldest forgotten', async () => {
    const { waiting, active, completed } = (await queue.getMetrics()).depth.postgres ?? {};
    return waiting === 0 && active === 0 && completed === WEBHOOKS - 10;
  });
  expect([...runs.values()].filter((count) => count !== 1)).toEqual([]);
  if (process.env['SIETCH_OTEL_TEST_WEBHOOKS'] === undefined) return;
  const rate = (ms: number) => Math.round((WEBHOOKS * 1000) / ms);
  const rates = `taken ${rate(taken - began)} a second, worked off ${rate(drained - taken)} a second`;
  const cpuMs = ((user + system) / 1000 / WEBHOOKS).toFixed(2);
  process.stderr.write(`${WEBHOOKS} webhooks: ${rates}, ${cpuMs} ms of this process's CPU each; load ${loadavg()[0]?.toFixed(0)}\n`);
});
