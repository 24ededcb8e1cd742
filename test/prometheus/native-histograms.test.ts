// Native histograms: what Prometheus makes of the protobuf format, and that the text formats stay what they are.
import { context, ROOT_CONTEXT, TraceFlags, trace } from '@opentelemetry/api';
import { afterAll, expect, test } from 'vitest';
import { nativeBuckets, schemaOf } from '../../src/prometheus/native-buckets.js';
import { type App, runApp } from '../support/app.ts';
import { eventually } from '../support/eventually.ts';
import { startPrometheus, waitUntilScraped } from '../support/prometheus.ts';
import { needsPrometheus } from '../support/requirements.ts';
import { startCollecting } from './collecting.ts';
import { metricsUrlOf, scrape } from './scraping.ts';

const prometheus = await needsPrometheus();
const open: { stop(): Promise<unknown> }[] = [];
afterAll(async () => {
  await Promise.all(open.map((each) => each.stop()));
});

const NATIVE = { OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION: 'Base2_Exponential_Bucket_Histogram' };
const ACCEPT_PROTOBUF =
  'application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited,application/openmetrics-text;version=1.0.0;q=0.8,text/plain;version=0.0.4;q=0.5,*/*;q=0.1';

function startApp(env: Record<string, string> = NATIVE): App {
  const app = runApp('test/app/native-histogram.cjs', { env });
  open.push(app);
  return app;
}

test('spans, deltas and indices of buckets: a gap of two is filled, a longer one begins a span', () => {
  // Bucket i of OpenTelemetry is i + 1 of Prometheus: both bounds by the upper one.
  expect(nativeBuckets({ offset: -2, bucketCounts: [2, 3, 0, 0, 1, 0, 0, 0, 5] }, 0, 0)).toEqual({
    spans: [
      { offset: -1, length: 5 },
      { offset: 3, length: 1 },
    ],
    deltas: [2, 1, -3, 0, 1, 4],
  });
  expect(nativeBuckets({ offset: 5, bucketCounts: [1, 2, 3, 4] }, 3, 2), 'a coarser schema').toEqual({
    spans: [{ offset: 3, length: 3 }],
    deltas: [1, 4, -1],
  });
  expect(nativeBuckets({ offset: 0, bucketCounts: [] }, 0, 0)).toEqual({ spans: [], deltas: [] });
  const ofScale = (scale: number) => schemaOf({ scale, count: 0, zeroCount: 0, positive: EMPTY, negative: EMPTY });
  expect([20, 8, 0, -4, -5].map(ofScale)).toEqual([8, 8, 0, -4, undefined]);
});

const EMPTY = { offset: 0, bucketCounts: [] };

test('the text formats say the same with exponential buckets as without', async () => {
  const texts = await Promise.all(
    [true, false].flatMap((exponential) =>
      (['text', 'openmetrics'] as const).map(async (format) => {
        const { meter, write } = startCollecting({}, undefined, { exemplars: 'always_off', exponential });
        for (const value of [0, 0.3, 4, 400]) meter.createHistogram('h', { unit: 's' }).record(value);
        return write({ format });
      }),
    ),
  );
  expect(texts[0]).toBe(texts[2]);
  expect(texts[1]).toBe(texts[3]);
});

test('an answer in protobuf is written once for what does not change, and bounded', async () => {
  const { meter, write } = startCollecting({}, undefined, { exemplars: 'trace_based', exponential: true });
  const inSpan = (digit: string) =>
    trace.setSpanContext(ROOT_CONTEXT, { traceId: digit.repeat(32), spanId: digit.repeat(16), traceFlags: TraceFlags.SAMPLED });
  context.with(inSpan('a'), () => meter.createHistogram('h').record(1, {}, inSpan('a')));
  meter.createCounter('c').add(1, {}, inSpan('c'));
  const first = await write({ format: 'protobuf' });
  expect(first).toContain('a'.repeat(32));
  expect(first, 'of the counter').toContain('c'.repeat(32));
  expect(await write({ format: 'protobuf' })).toBe(first);
  const dropped: string[] = [];
  await write({ format: 'protobuf', maxBytes: 10, onDrop: (reason, name) => dropped.push(`${reason} ${name}`) });
  expect(dropped).toEqual(['size c']);
});

test('Prometheus takes native histograms from the endpoint, and its quantiles are those of the values', prometheus, async () => {
  const app = startApp();
  const target = new URL(await metricsUrlOf(app)).host;
  const server = await startPrometheus({ targets: [target], nativeHistograms: true });
  open.push(server);
  await waitUntilScraped(server);
  // Values 1 ms to 1000 ms, each once: buckets of schema 3 and finer are at most 9 % wide.
  const quantile = (q: number) => server.query(`histogram_quantile(${q}, wait_duration_seconds)`);
  const median = await eventually('the native histogram is there', async () => (await quantile(0.5))[0]);
  expect(median.value).toBeGreaterThan(0.5 / 1.1);
  expect(median.value).toBeLessThan(0.5 * 1.1);
  expect((await quantile(0.99))[0]?.value).toBeGreaterThan(0.99 / 1.1);
  expect((await quantile(0.99))[0]?.value).toBeLessThan(0.99 * 1.1);
  expect((await server.query('histogram_count(wait_duration_seconds)'))[0]?.value).toBe(1000);
  expect((await server.query('histogram_sum(wait_duration_seconds)'))[0]?.value).toBeCloseTo(500.5);
  // Counters, gauges, labels and the resource come by the same format.
  expect(await server.query('things_total')).toMatchObject([{ value: 3, labels: { thing_kind: 'a"b\\c\nd', otel_scope_name: 'app' } }]);
  expect((await server.query('fill_ratio'))[0]?.value).toBe(0.25);
  expect(await server.query('target_info')).toMatchObject([{ labels: { telemetry_sdk_language: 'nodejs' } }]);
});

test(
  'protobuf is for those who ask for it first; histograms are classic there too, unless the variable asks for more',
  prometheus,
  async () => {
    const app = startApp({});
    const url = await metricsUrlOf(app);
    const type = async (accept: string) => (await scrape(url, { headers: { accept } })).headers['content-type'];
    expect(await type(ACCEPT_PROTOBUF)).toBe(
      'application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited',
    );
    expect(await type(ACCEPT_PROTOBUF.replace('delimited', 'delimited;q=0.1'))).toBe(
      'application/openmetrics-text; version=1.0.0; charset=utf-8',
    );
    const server = await startPrometheus({ targets: [new URL(url).host], nativeHistograms: true });
    open.push(server);
    await waitUntilScraped(server);
    const counts = await eventually('the buckets are there', async () => {
      const found = await server.query('wait_duration_seconds_bucket{le="1.0"}');
      return found.length > 0 && found;
    });
    expect(counts).toMatchObject([{ value: 1000 }]);
  },
);
