// Marks of kept traces when something is in their way.
import { Redis as Client } from 'ioredis';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { metricsUrlOf, scrape, seriesOf } from '../prometheus/scraping.ts';
import { type Receiver, type Span, startReceiver } from '../support/otlp.ts';
import { type Redis, startRedis } from '../support/redis.ts';
import { type Hop, type Hops, type HopsOptions, spanNames, startHops } from './hops.ts';

let receiver: Receiver;
let redis: Redis;
/** Of the test itself. */
let admin: Client;
let hops: Hops;

beforeEach(async () => {
  [receiver, redis] = await Promise.all([startReceiver(), startRedis({ own: true })]);
  admin = new Client(redis.url);
  admin.on('error', () => {});
});
afterEach(async () => {
  await hops?.stop();
  admin?.disconnect();
  await redis?.stop();
  await receiver?.close();
});

async function start(options: Partial<HopsOptions> & Pick<HopsOptions, 'names'>): Promise<void> {
  hops = await startHops({ redisUrl: redis.url, receiverUrl: receiver.url, ...options });
}

const job = (id: number, to: string, more: Partial<Hop> = {}): Hop => ({ id, to, by: 'queue', next: [], ...more });
const webhook = (...next: Hop[]): Hop => ({ id: 1, to: 'web', by: 'http', next });

async function whole(traceId: string, plan: Hop): Promise<readonly Span[]> {
  const names = spanNames(plan);
  const spans = await receiver.store.waitForTrace(traceId, (found) => found.length >= names.length);
  expect(spans.map(({ name }) => name).sort()).toEqual(names);
  return spans;
}

test('Redis hangs when a mark is due: it is written when Redis answers again', async () => {
  await start({ names: ['web', 'worker'], env: () => ({ OTEL_METRICS_EXPORTER: 'prometheus', OTEL_EXPORTER_PROMETHEUS_PORT: '0' }) });
  const worker = hops.apps.get('worker');
  if (worker === undefined) throw new Error('no worker');
  const plan = webhook(job(2, 'worker', { waits: true, fails: 'late' }));
  const traceId = await hops.run(plan);
  await worker.waitForMessage((message) => (JSON.stringify(message) === '{"waits":2}' ? true : undefined));
  await redis.pause();
  worker.send({ go: true });
  await worker.waitForLine(/SIETCH250 .*bull:sietch-otel:kept: timeout/);
  await redis.resume();
  await whole(traceId, plan);
  expect(worker.stderr.match(/SIETCH250/g)).toHaveLength(1);
  const url = await metricsUrlOf(worker);
  // What was taken while it hung may be read before it is written again.
  await vi.waitFor(
    async () => expect(Object.values(seriesOf((await scrape(url)).text, 'sietch_recorder_marks_total'))).toEqual([1]),
    10_000,
  );
});

//  web      POST ─ hop 1 ─ send jobs
//  worker                  └ process jobs ─ hop 2 ─ failure 2 † killed: lost
//  second                  └ process jobs ─ hop 2 ─ failure 2     the next attempt at the job is kept, and tells web
test('the worker is killed after the failure and before the mark', async () => {
  await start({ names: ['web', 'worker', 'second'], env: (name) => (name === 'web' ? {} : { QUEUES: 'jobs' }) });
  const plan = webhook(job(2, 'jobs', { fails: 'late', dies: true }));
  const traceId = await hops.run(plan);
  const spans = await whole(traceId, plan);
  expect(new Set(spans.map(({ service }) => service)).size).toBe(2);
});

test('the clocks of the processes differ by ten seconds', async () => {
  const skewed = ['--require', './test/app/recorder/skewed-clock.cjs'];
  await start({ names: ['web', 'worker'], nodeArgs: (name) => (name === 'worker' ? skewed : []) });
  for (const plan of [webhook(job(2, 'worker', { fails: 'late' })), { ...webhook(job(2, 'worker')), fails: 'late' as const }]) {
    await whole(await hops.run(plan), plan);
  }
});

test('a hundred queues: one stream, and one connection of ours a process', async () => {
  const queues = Array.from({ length: 100 }, (_, index) => `queue-${index}`);
  await start({ names: ['web', 'worker'], env: (name) => (name === 'worker' ? { QUEUES: queues.join() } : {}) });
  const plans = queues.map((queue) => webhook(job(2, queue, { fails: 'late' })));
  const traces = await Promise.all(plans.map(async (plan) => [await hops.run(plan), plan] as const));
  for (const [traceId, plan] of traces) await whole(traceId, plan);
  expect(await admin.keys('*sietch-otel*')).toEqual(['bull:sietch-otel:kept']);
  const clients = String(await admin.client('LIST'));
  expect(clients.match(/name=sietch-otel /g)).toHaveLength(2);
});

test('a Redis that refuses to give the marks: one line, and each process keeps what it knows of', async () => {
  await admin.call('ACL', 'SETUSER', 'default', '-xread');
  await start({ names: ['web', 'worker'] });
  const plan = webhook(job(2, 'worker', { fails: 'late' }));
  const traceId = await hops.run(plan);
  const web = hops.apps.get('web');
  await web?.waitForLine(/SIETCH250/);
  const spans = await receiver.store.waitForTrace(traceId, (found) => found.length >= 3);
  expect(new Set(spans.map(({ service }) => service))).toEqual(new Set(['worker']));
  expect(web?.stderr.match(/SIETCH250/g)).toHaveLength(1);
});
