// The metrics of queues that an app says nothing about: scraped, also while their Redis hangs.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { metricsUrlOf, scrape, seriesOf } from '../../prometheus/scraping.ts';
import { type App, runApp } from '../../support/app.ts';
import { eventually } from '../../support/eventually.ts';
import { type Redis, startRedis } from '../../support/redis.ts';

let redis: Redis;
let app: App;
let url: string;

beforeAll(async () => {
  redis = await startRedis({ own: true });
  app = runApp('test/app/queue-metrics.mjs', { env: { REDIS_URL: redis.url, SIETCH_OTEL_QUEUE_METRICS_INTERVAL_MS: '200' } });
  url = await metricsUrlOf(app);
  await app.waitForLine(/^ready$/);
});
afterAll(async () => {
  await app?.stop();
  await redis?.stop();
});

/** Series of a metric, by those of their labels that are of interest here. */
async function read(name: string): Promise<Record<string, number>> {
  const series = seriesOf((await scrape(url)).text, name);
  const wanted = /(?:messaging_destination_name|messaging_operation_name|state|outcome|error_type)="([^"]*)"/g;
  return Object.fromEntries(
    Object.entries(series).map(([labels, value]) => [[...labels.matchAll(wanted)].map(([, text]) => text).join(' '), value]),
  );
}

const readWhen = (name: string, isThere: (series: Record<string, number>) => boolean) =>
  eventually(name, async () => {
    const series = await read(name);
    return isThere(series) && series;
  });

test('depth by state, age and dead letters of each queue', async () => {
  const depth = await readWhen('sietch_queue_depth', (series) => series['idle delayed'] === 1 && series['jobs failed'] === 2);
  expect(depth).toMatchObject({
    'idle waiting': 2,
    'idle prioritized': 1,
    'idle delayed': 1,
    'idle active': 0,
    'idle completed': 0,
    'idle failed': 0,
    'jobs waiting': 0,
    'jobs completed': 3,
    'jobs failed': 2,
  });
  const age = await read('sietch_queue_oldest_waiting_age_seconds');
  expect(age['idle']).toBeGreaterThanOrEqual(60);
  expect(age['jobs']).toBe(0);
  expect(await read('sietch_queue_dlq_depth')).toEqual({ busy: 0, idle: 0, jobs: 2 });
});

test('how long the oldest active job has been worked on, however old it is itself', async () => {
  const first = (await readWhen('sietch_queue_active_age_seconds', ({ busy = 0 }) => busy > 0))['busy'] ?? 0;
  expect(first).toBeLessThan(3_000);
  const later = await readWhen('sietch_queue_active_age_seconds', ({ busy = 0 }) => busy > first);
  expect(later).toMatchObject({ idle: 0, jobs: 0 });
});

test('jobs by outcome, waits and runs, and the counts of the messaging conventions', async () => {
  expect(await read('sietch_queue_jobs_total')).toEqual({ 'busy completed': 1, 'jobs completed': 3, 'jobs retried': 1, 'jobs dead': 2 });
  expect(await read('sietch_queue_wait_duration_seconds_count')).toEqual({ busy: 2, jobs: 5 });
  expect(await read('messaging_process_duration_seconds_count')).toEqual({
    'busy process': 1,
    'jobs process': 3,
    'TypeError jobs process': 3,
  });
  expect(await read('messaging_client_consumed_messages_total')).toEqual({ 'busy process': 2, 'jobs process': 6 });
  expect(await read('messaging_client_sent_messages_total')).toEqual({ 'busy send': 2, 'jobs send': 5, 'idle send': 4 });
  expect(await read('messaging_client_operation_duration_seconds_count')).toEqual({
    'busy send': 2,
    'jobs send': 4,
    'idle send': 4,
  });
});

test('while Redis hangs scrapes are answered: the values are gone and the age of the readings grows', async () => {
  await redis.pause();
  try {
    const age = await readWhen('sietch_queue_metrics_age_seconds', (series) => (series['idle'] ?? 0) > 1);
    expect(age['jobs']).toBeGreaterThan(0.5);
    for (const name of [
      'sietch_queue_depth',
      'sietch_queue_oldest_waiting_age_seconds',
      'sietch_queue_active_age_seconds',
      'sietch_queue_dlq_depth',
    ]) {
      const series = await read(name);
      expect(Object.keys(series).length).toBeGreaterThan(0);
      expect(Object.values(series).every(Number.isNaN), name).toBe(true);
    }
  } finally {
    await redis.resume();
  }
  await readWhen('sietch_queue_depth', (series) => series['idle waiting'] === 2);
});

test('a queue that was closed is reported no longer', async () => {
  app.send({});
  await app.waitForLine(/^closed$/);
  const depth = await readWhen('sietch_queue_depth', (series) => series['idle waiting'] === undefined);
  expect(depth['jobs failed']).toBe(2);
});
