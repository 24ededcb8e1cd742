import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type App, type AppOptions, runApp } from '../support/app.ts';
import { eventually } from '../support/eventually.ts';
import { INSTALLING_MS } from '../support/npm-packages.ts';
import { nodeForTest } from '../support/requirements.ts';
import { ACCEPT_OPENMETRICS, metricsUrlOf, type Scraped, scrape, seriesOf } from './scraping.ts';

// Three processes start for each.
vi.setConfig({ testTimeout: 90_000, hookTimeout: 90_000 });

const apps: App[] = [];
afterAll(async () => {
  await Promise.all(apps.map((app) => app.stop()));
});

interface Cluster {
  app: App;
  url: string;
  /** Process ids of workers, as they became ready. */
  workers: string[];
}

async function startCluster(options: AppOptions = {}): Promise<Cluster> {
  // Their start takes longer than a scrape waits where the machine is busy.
  const app = runApp('test/app/cluster.js', { ...options, env: { SIETCH_OTEL_PROMETHEUS_DEADLINE_MS: '5000', ...options.env } });
  apps.push(app);
  const url = await metricsUrlOf(app);
  return { app, url, workers: await readyWorkers(app, 2) };
}

function readyWorkers(app: App, count: number): Promise<string[]> {
  const ready = () => [...app.stdout.matchAll(/^ready (\d+)$/gm)].map(([, pid = '']) => pid);
  return eventually(`${count} workers are ready`, () => ready().length >= count && ready(), 30_000);
}

const ofApp = (labels: string) => `${labels},otel_scope_name="app"`;

function things({ text }: Scraped): number | undefined {
  return seriesOf(text, 'things_total')[ofApp('kind="a"')];
}

describe('a primary and two workers', () => {
  let app: App;
  let url: string;
  beforeAll(async () => {
    ({ app, url } = await startCluster());
  });

  test('one answer for primary and workers: counters and histograms are added, gauges told apart', async () => {
    const scraped = await scrape(url);
    expect(things(scraped)).toBe(1107);
    expect(seriesOf(scraped.text, 'wait_seconds_bucket')).toEqual({
      'otel_scope_name="app",le="1"': 2,
      'otel_scope_name="app",le="+Inf"': 4,
    });
    expect(seriesOf(scraped.text, 'wait_seconds_sum')).toEqual({ 'otel_scope_name="app"': 108 });
    expect(seriesOf(scraped.text, 'wait_seconds_count')).toEqual({ 'otel_scope_name="app"': 4 });
    expect(seriesOf(scraped.text, 'active')).toEqual({ 'otel_scope_name="app"': 2 });
    expect(seriesOf(scraped.text, 'fill')).toEqual({
      [ofApp('sietch_worker="primary"')]: -1,
      [ofApp('sietch_worker="1"')]: 100,
      [ofApp('sietch_worker="2"')]: 7,
    });
    expect(scraped.text.match(/^target_info\{/gm)).toHaveLength(1);
  });

  test("a worker's mounted handler answers for the whole cluster, in both formats", async () => {
    const [, address = ''] = await app.waitForLine(/^address (\S+)$/);
    expect(things(await scrape(`${address}app-metrics`))).toBe(1107);
    const { headers, text } = await scrape(`${address}app-metrics`, { headers: { accept: ACCEPT_OPENMETRICS } });
    expect(headers['content-type']).toContain('openmetrics');
    expect(text).toMatch(/# EOF\n$/);
  });

  test('the start-up line of a worker says who answers for it', () => {
    expect(app.stderr.match(/metrics to the primary of its cluster/g)).toHaveLength(2);
  });

  test("the app's own messages and listeners see nothing of it", async () => {
    app.send({ say: 'hello' });
    await eventually('both workers got the message', () => app.stdout.match(/^worker got "hello"$/gm)?.length === 2);
    expect(app.stdout.match(/^(worker|primary) got .*/gm)).toEqual(['worker got "hello"', 'worker got "hello"']);
  });
});

test('what a killed worker counted stays, its gauges and sums go, its replacement takes its place', async () => {
  const { app, url } = await startCluster();
  expect(things(await scrape(url))).toBe(1107);
  app.send({ kill: 0, signal: 'SIGKILL' });
  await app.waitForLine(/^ended /);
  const scraped = await scrape(url);
  const { text } = scraped;
  expect(things(scraped)).toBe(1107);
  expect(seriesOf(text, 'wait_seconds_sum')).toEqual({ 'otel_scope_name="app"': 108 });
  expect(seriesOf(text, 'active')).toEqual({ 'otel_scope_name="app"': 1 });
  expect(seriesOf(text, 'fill')).toEqual({ [ofApp('sietch_worker="primary"')]: -1, [ofApp('sietch_worker="2"')]: 7 });

  app.send({ fork: 20 });
  await readyWorkers(app, 3);
  const after = await scrape(url);
  expect(things(after)).toBe(1127);
  expect(seriesOf(after.text, 'fill')[ofApp('sietch_worker="1"')]).toBe(20);
});

test('a worker that is ended by SIGTERM tells its last counts, also those that were never scraped', async () => {
  const { app, url } = await startCluster();
  app.send({ kill: 0, signal: 'SIGTERM' });
  await app.waitForLine(/^ended /);
  expect(things(await scrape(url))).toBe(1107);
});

test('a stopped worker delays a scrape by the deadline, once, and its last counts stand', async () => {
  const { url, workers } = await startCluster({ env: { SIETCH_OTEL_PROMETHEUS_DEADLINE_MS: '1000' } });
  await eventually('both workers have answered', async () => things(await scrape(url)) === 1107);
  process.kill(Number(workers[0]), 'SIGSTOP');
  expect(things(await scrape(url))).toBe(1107);
  expect(things(await scrape(url))).toBe(1107);
  process.kill(Number(workers[0]), 'SIGUSR2');
  process.kill(Number(workers[0]), 'SIGCONT');
  await eventually('it is asked again', async () => things(await scrape(url)) === 1108);
});

test('a hung callback in a worker leaves out its metric only', async () => {
  const { url } = await startCluster({ env: { HUNG: 'on', SIETCH_OTEL_PROMETHEUS_DEADLINE_MS: '500' } });
  const text = await eventually('both workers have answered', async () => {
    const scraped = await scrape(url);
    return things(scraped) === 1107 && scraped.text;
  });
  expect(text).not.toMatch(/^hung/m);
  await eventually('the failures of both are counted', async () => {
    const failures = seriesOf((await scrape(url)).text, 'sietch_metrics_callback_failures_total');
    return (failures['error_type="timeout",otel_scope_name="@sietch/otel"'] ?? 0) >= 2;
  });
});

test('with the setting off each process is on its own', async () => {
  const env = { SIETCH_OTEL_PROMETHEUS_CLUSTER: 'off' };
  const { app } = await startCluster({ env });
  const urls = await eventually('three start-up lines', () => {
    const found = [...app.stderr.matchAll(/metrics to (http:\/\/[^ ,]+)/g)].map(([, url = '']) => url);
    return found.length === 3 && found;
  });
  const counts = await Promise.all(urls.map(async (url) => things(await scrape(url))));
  expect(new Set(counts)).toEqual(new Set([1000, 100, 7]));
});

// The messages between the processes are "internal" ones of Node: each line of Node has to carry them.
test.each(['22', '24', '26'] as const)('Node %s', { timeout: INSTALLING_MS }, async (major) => {
  const { url } = await startCluster({ node: await nodeForTest(major) });
  expect(things(await scrape(url))).toBe(1107);
});
