// Series over time of received and scraped metrics, and the queues and breakers that they tell of.

import { expect, test } from 'vitest';
import { apiSeries, MetricHistory } from '../../src/view/metric-history.js';
import { readPrometheusText } from '../../src/view/prometheus-text.js';
import { summarizeBreakers, summarizeQueues } from '../../src/view/queue-summary.js';
import type { Attributes, Metric, MetricPoint } from '../../src/view/telemetry.js';
import { TRACE_ID } from './spans.ts';

const SECOND = 1_000_000_000n;
const START = 1_700_000_000n * SECOND;
const at = (seconds: number) => START + BigInt(seconds) * SECOND;

function point(seconds: number, more: Partial<MetricPoint>): MetricPoint {
  return { attributes: {}, startTimeUnixNano: START, timeUnixNano: at(seconds), exemplars: [], ...more };
}

function metric(name: string, type: Metric['type'], points: MetricPoint[], more: Partial<Metric> = {}): Metric {
  const resource: Attributes = { 'service.name': 'api', 'service.instance.id': 'one' };
  const origin = { service: 'api', resource, resourceSchemaUrl: '', scope: { name: '', version: '', schemaUrl: '', attributes: {} } };
  return { ...origin, name, description: '', unit: '', type, temporality: 'CUMULATIVE', monotonic: type === 'sum', points, ...more };
}

function history(limits = { maxSeries: 1_000, maxBytes: 10_000_000 }): MetricHistory {
  return new MetricHistory(limits);
}

function pointsOf(metrics: MetricHistory, name: string) {
  return metrics
    .series(name)
    .map((series) => apiSeries(series, () => true).points.map(({ t, ...rest }) => ({ at: Number((BigInt(t) - START) / SECOND), ...rest })));
}

test('a counter is what was added between two points, whichever temporality it has; it may begin anew', () => {
  const metrics = history();
  for (const [seconds, value] of [
    [10, 5],
    [20, 12],
    [30, 12],
  ] as const) {
    metrics.add([metric('cumulative', 'sum', [point(seconds, { value })])]);
    metrics.add([metric('delta', 'sum', [point(seconds, { startTimeUnixNano: at(seconds - 10), value })], { temporality: 'DELTA' })]);
  }
  // The process has started again.
  metrics.add([metric('cumulative', 'sum', [point(40, { startTimeUnixNano: at(36), value: 2 })])]);
  expect(pointsOf(metrics, 'cumulative')).toEqual([
    [
      { at: 10, seconds: 10, value: 5 },
      { at: 20, seconds: 10, value: 7 },
      { at: 30, seconds: 10, value: 0 },
      { at: 40, seconds: 4, value: 2 },
    ],
  ]);
  expect(pointsOf(metrics, 'delta')).toEqual([
    [
      { at: 10, seconds: 10, value: 5 },
      { at: 20, seconds: 10, value: 12 },
      { at: 30, seconds: 10, value: 12 },
    ],
  ]);
});

test('a gauge is its value; NaN is null; a point that is sent again is there once', () => {
  const metrics = history();
  for (const value of [3, Number.NaN]) metrics.add([metric('gauge', 'gauge', [point(Number.isNaN(value) ? 20 : 10, { value })])]);
  metrics.add([metric('gauge', 'gauge', [point(20, { value: 1 })])]);
  expect(pointsOf(metrics, 'gauge')).toEqual([
    [
      { at: 10, value: 3 },
      { at: 20, value: null },
    ],
  ]);
});

test('a histogram is what was added to each bucket, with exemplars', () => {
  const metrics = history();
  const exemplars = [{ value: 0.3, timeUnixNano: at(15), traceId: TRACE_ID, spanId: '1'.repeat(16), filteredAttributes: {} }];
  const explicitBounds = [0.1, 0.5];
  metrics.add([metric('latency', 'histogram', [point(10, { count: 3, sum: 1, bucketCounts: [1, 1, 1], explicitBounds })])]);
  metrics.add([metric('latency', 'histogram', [point(20, { count: 5, sum: 1.6, bucketCounts: [1, 3, 1], explicitBounds, exemplars })])]);
  expect(pointsOf(metrics, 'latency')[0]?.[1]).toMatchObject({
    seconds: 10,
    histogram: { bounds: [0.1, 0.5], counts: [0, 2, 0], count: 2, sum: expect.closeTo(0.6) },
  });
  expect(metrics.series('latency').map((series) => apiSeries(series, () => false).exemplars)).toEqual([
    [{ t: at(15).toString(), value: 0.3, traceId: TRACE_ID, spanId: '1'.repeat(16), known: false }],
  ]);
});

test('an exponential histogram has bounds, also when its scale changes', () => {
  const metrics = history();
  const add = (seconds: number, scale: number, offset: number, bucketCounts: number[]) => {
    const count = bucketCounts.reduce((sum, each) => sum + each, 0);
    metrics.add([
      metric('sizes', 'exponentialHistogram', [point(seconds, { count, sum: 0, scale, zeroCount: 0, positive: { offset, bucketCounts } })]),
    ]);
  };
  // Scale 2: (1, 1.19]; scale 1 has buckets of twice the width.
  add(10, 2, 0, [4]);
  add(20, 2, 0, [4, 0, 0, 0, 6]);
  add(30, 1, 0, [4, 0, 6, 1]);
  const [points = []] = pointsOf(metrics, 'sizes');
  const shown = points.map(({ histogram }) =>
    histogram?.counts.map((count, index) => [count, histogram.bounds[index]?.toFixed(2)]).filter(([count]) => count !== 0),
  );
  expect(shown[0]).toEqual([[4, '1.19']]);
  expect(shown[1]).toEqual([[6, '2.38']]);
  expect(points.map(({ histogram }) => histogram?.count)).toEqual([4, 6, 1]);
});

test('metrics are bounded in series, points and bytes: what has not grown for longest goes first', () => {
  const metrics = history({ maxSeries: 100, maxBytes: 10_000_000 });
  for (let index = 0; index < 1_000; index++) metrics.add([metric('many', 'gauge', [point(index, { value: 1, attributes: { index } })])]);
  expect(metrics.counts.series).toBeLessThanOrEqual(100);
  expect(metrics.counts.droppedSeries).toBeGreaterThanOrEqual(900);
  expect(metrics.series('many').at(-1)?.attributes).toEqual({ index: 999 });

  const long = history();
  for (let index = 0; index < 5_000; index++) long.add([metric('long', 'gauge', [point(index, { value: index })])]);
  expect(long.counts.metricPoints).toBeLessThanOrEqual(550);
  expect(pointsOf(long, 'long')[0]?.at(-1)).toEqual({ at: 4_999, value: 4_999 });

  const small = history({ maxSeries: 1_000, maxBytes: 50_000 });
  for (let index = 0; index < 500; index++)
    small.add([metric('x', 'gauge', [point(index, { value: 1, attributes: { text: `${index}`.padEnd(2_000) } })])]);
  expect(small.counts.bytes).toBeLessThanOrEqual(50_000);
});

test('metrics are listed by name', () => {
  const metrics = history();
  metrics.add([
    metric('b', 'gauge', [point(1, { value: 1 })], { unit: 's', description: 'seconds' }),
    metric('a', 'sum', [point(1, { value: 1 }), point(1, { value: 1, attributes: { route: '/' } })]),
  ]);
  expect(metrics.summaries()).toEqual([
    { name: 'a', unit: '', type: 'sum', monotonic: true, description: '', services: ['api'], series: 2 },
    { name: 'b', unit: 's', type: 'gauge', monotonic: false, description: 'seconds', services: ['api'], series: 1 },
  ]);
});

const SCRAPED = `# TYPE target info
target_info{service_name="worker",service_instance_id="w-1"} 1
# HELP sietch_queue_depth Jobs in the queue by state.
# TYPE sietch_queue_depth gauge
sietch_queue_depth{messaging_destination_name="mails",state="waiting"} 7
sietch_queue_depth{messaging_destination_name="mails",state="active"} 2
# TYPE sietch_queue_oldest_waiting_age_seconds gauge
sietch_queue_oldest_waiting_age_seconds{messaging_destination_name="mails"} 1.5
# TYPE sietch_queue_dlq_depth gauge
sietch_queue_dlq_depth{messaging_destination_name="mails"} NaN
# TYPE sietch_circuit_breaker_state gauge
sietch_circuit_breaker_state{name="a \\"quoted\\" # one\\n"} 0.5
# TYPE requests counter
requests_total{route="/",} 12 # {trace_id="${TRACE_ID}",span_id="00f067aa0ba902b7"} 1 1700000000.5
# TYPE latency_seconds histogram
latency_seconds_bucket{le="0.1"} 1
latency_seconds_bucket{le="+Inf"} 3
latency_seconds_sum 2.5
latency_seconds_count 3
# TYPE size summary
size{quantile="0.5"} 10
size_sum 30
size_count 3
{"utf8.name", "label.a"="b"} 4
nonsense{
also nonsense
# EOF
`;

test('a scrape is read as metrics', () => {
  const metrics = readPrometheusText(SCRAPED, at(10), 'localhost:9464');
  const found = Object.fromEntries(metrics.map((each) => [each.name, each]));
  expect(Object.keys(found).sort()).toEqual(
    [
      'latency_seconds',
      'requests',
      'sietch_circuit_breaker_state',
      'sietch_queue_depth',
      'sietch_queue_dlq_depth',
      'sietch_queue_oldest_waiting_age_seconds',
      'size',
      'utf8.name',
    ].sort(),
  );
  expect(found['requests']).toMatchObject({
    service: 'worker',
    type: 'sum',
    monotonic: true,
    points: [
      {
        value: 12,
        attributes: { route: '/' },
        exemplars: [{ traceId: TRACE_ID, spanId: '00f067aa0ba902b7', value: 1, timeUnixNano: START + SECOND / 2n }],
      },
    ],
  });
  expect(found['latency_seconds']).toMatchObject({
    type: 'histogram',
    points: [{ count: 3, sum: 2.5, bucketCounts: [1, 2], explicitBounds: [0.1] }],
  });
  expect(found['size']).toMatchObject({ type: 'summary', points: [{ count: 3, quantileValues: [{ quantile: 0.5, value: 10 }] }] });
  expect(found['utf8.name']).toMatchObject({ points: [{ value: 4, attributes: { 'label.a': 'b' } }] });
  expect(found['sietch_circuit_breaker_state']?.points[0]?.attributes).toEqual({ name: 'a "quoted" # one\n' });
});

test('queues and breakers are made of scraped metrics, and of received ones', () => {
  const metrics = history();
  metrics.add(readPrometheusText(SCRAPED, at(10), 'localhost:9464'));
  const queue = { 'messaging.destination.name': 'webhooks' };
  metrics.add([
    metric('sietch.queue.depth', 'gauge', [point(11, { value: 3, attributes: { ...queue, state: 'delayed' } })]),
    metric('sietch.queue.dlq.depth', 'gauge', [point(12, { value: 1, attributes: queue })]),
    metric('sietch.circuit_breaker.state', 'gauge', [point(1, { value: 0, attributes: { name: 'paddle' } })]),
  ]);
  for (const [seconds, value] of [
    [2, 0],
    [3, 1],
    [4, 1],
    [5, 0.5],
    [6, Number.NaN],
  ] as const)
    metrics.add([metric('sietch.circuit_breaker.state', 'gauge', [point(seconds, { value, attributes: { name: 'paddle' } })])]);
  expect(summarizeQueues(metrics)).toEqual([
    { name: 'mails', depth: { waiting: 7, active: 2 }, oldestAgeSeconds: 1.5, t: at(10).toString() },
    { name: 'webhooks', depth: { delayed: 3 }, deadLetters: 1, t: at(12).toString() },
  ]);
  expect(summarizeBreakers(metrics)).toEqual([
    { name: 'a "quoted" # one\n', service: 'worker', states: [{ t: at(10).toString(), state: 'half-open' }] },
    {
      name: 'paddle',
      service: 'api',
      states: [
        { t: at(1).toString(), state: 'closed' },
        { t: at(3).toString(), state: 'open' },
        { t: at(5).toString(), state: 'half-open' },
        { t: at(6).toString(), state: 'unknown' },
      ],
    },
  ]);
});
