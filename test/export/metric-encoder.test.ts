// Our encoder of metrics says what upstream's does, and exemplars besides: in protobuf and in JSON.
import { context, ROOT_CONTEXT, TraceFlags, trace, ValueType } from '@opentelemetry/api';
import { ProtobufMetricsSerializer } from '@opentelemetry/otlp-transformer';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { AggregationTemporality, AggregationType, MeterProvider, MetricReader, type ResourceMetrics } from '@opentelemetry/sdk-metrics';
import { expect, test } from 'vitest';
import { createMetricEncoder } from '../../src/export/encoder.js';
import { MetricEncoder } from '../../src/export/metric-encoder.js';
import type { ExemplarFilter } from '../../src/sdk/metrics/exemplar.js';
import { MeterWatch } from '../../src/sdk/metrics/meter-watch.js';
import { readTelemetry } from '../../src/view/otlp-telemetry.js';

class Reader extends MetricReader {
  override async onForceFlush(): Promise<void> {}
  override async onShutdown(): Promise<void> {}

  async metrics(): Promise<ResourceMetrics> {
    return (await this.collect()).resourceMetrics;
  }
}

function start(exemplars: ExemplarFilter, isExponential = false, isDelta = false) {
  const reader = new Reader({
    aggregationTemporalitySelector: () => (isDelta ? AggregationTemporality.DELTA : AggregationTemporality.CUMULATIVE),
    aggregationSelector: () => ({ type: isExponential ? AggregationType.EXPONENTIAL_HISTOGRAM : AggregationType.DEFAULT }),
  });
  const provider = new MeterProvider({ readers: [reader], resource: resourceFromAttributes({ 'service.name': 'shop', n: [1, 2] }) });
  new MeterWatch({ exemplars, exponential: false }).setMeterProvider(provider);
  return { reader, provider, meter: provider.getMeter('app', '1.2', { schemaUrl: 'https://example.com/1' }) };
}

const TRACE_ID = 'a'.repeat(32);
const SPAN_ID = 'b'.repeat(16);
const inSpan = (traceFlags: number) => trace.setSpanContext(ROOT_CONTEXT, { traceId: TRACE_ID, spanId: SPAN_ID, traceFlags });

test.each([false, true])('every kind of metric, as upstream writes it; exponential: %s', async (isExponential) => {
  const { reader, provider, meter } = start('always_off', isExponential);
  meter
    .createCounter('orders', { unit: '{order}', description: 'Orders taken.', valueType: ValueType.INT })
    .add(2 ** 40, { country: 'DE' });
  meter.createCounter('litres').add(0.5);
  meter.createUpDownCounter('carts', { valueType: ValueType.INT }).add(-3);
  for (const value of [Number.NaN, Number.POSITIVE_INFINITY, -0.5]) meter.createGauge('g').record(value, { of: String(value) });
  const histogram = meter.createHistogram('wait', { unit: 's', advice: { explicitBucketBoundaries: [0.5, 1] } });
  for (const value of [0, 0.2, 0.7, 300, 2 ** 40]) histogram.record(value, { lane: 1, open: true, of: ['a'], share: 0.5 });
  provider.getMeter('other').createHistogram('h').record(1);
  const metrics = await reader.metrics();
  const upstream = Buffer.from(ProtobufMetricsSerializer.serializeRequest(metrics) ?? []);
  const ours = Buffer.from(new MetricEncoder().encode(metrics));
  expect(readTelemetry('metrics', 'protobuf', ours)).toEqual(readTelemetry('metrics', 'protobuf', upstream));
  expect(ours.length).toBeGreaterThan(400);
});

const WAYS = [
  ['protobuf', false],
  ['protobuf', true],
  ['json', false],
  ['json', true],
] as const;

test.each(WAYS)('exemplars in %s; exponential: %s', async (encoding, isExponential) => {
  const { reader, meter } = start('trace_based', isExponential);
  meter.createCounter('before').add(1);
  const histogram = meter.createHistogram('wait', { unit: 's', advice: { explicitBucketBoundaries: [0.5, 1] } });
  histogram.record(0.1, {}, ROOT_CONTEXT);
  histogram.record(0.2, {}, inSpan(TraceFlags.NONE));
  histogram.record(0.3, { of: 'x' }, inSpan(TraceFlags.SAMPLED));
  const before = Date.now();
  histogram.record(0.4, { of: 'x' }, inSpan(TraceFlags.SAMPLED));
  histogram.record(7, { of: 'x' }, inSpan(TraceFlags.SAMPLED));
  const encoded = await createMetricEncoder(encoding === 'json').encode([await reader.metrics()]);
  const { metrics } = readTelemetry('metrics', encoding, Buffer.from(encoded?.body ?? []));
  const wait = metrics.find(({ name }) => name === 'wait');
  expect(wait?.type).toBe(isExponential ? 'exponentialHistogram' : 'histogram');
  expect(wait?.points.map(({ exemplars }) => exemplars)).toEqual([
    [],
    [0.4, 7].map((value) => ({ value, traceId: TRACE_ID, spanId: SPAN_ID, timeUnixNano: expect.any(BigInt), filteredAttributes: {} })),
  ]);
  const time = Number((wait?.points[1]?.exemplars[0]?.timeUnixNano ?? 0n) / 1_000_000n);
  expect(time).toBeGreaterThanOrEqual(before);
  expect(time).toBeLessThanOrEqual(Date.now());
});

test.each(['protobuf', 'json'] as const)('exemplars of counters in %s, for a reader of changes none twice', async (encoding) => {
  const { reader, meter } = start('trace_based', false, true);
  const counters = ['litres', 'orders'].map((name, valueType) => meter.createCounter(name, { valueType }));
  const collected = async () => {
    const encoded = await createMetricEncoder(encoding === 'json').encode([await reader.metrics()]);
    const { metrics } = readTelemetry('metrics', encoding, Buffer.from(encoded?.body ?? []));
    return metrics.map(({ name, points }) => [name, points.map(({ value, exemplars }) => [value, exemplars])]);
  };
  for (const counter of counters) {
    counter.add(1, {}, ROOT_CONTEXT);
    counter.add(3, {}, inSpan(TraceFlags.SAMPLED));
  }
  const exemplar = { value: 3, traceId: TRACE_ID, spanId: SPAN_ID, timeUnixNano: expect.any(BigInt), filteredAttributes: {} };
  expect(await collected()).toEqual(['litres', 'orders'].map((name) => [name, [[4, [exemplar]]]]));
  for (const counter of counters) counter.add(1, {}, ROOT_CONTEXT);
  expect(await collected()).toEqual(['litres', 'orders'].map((name) => [name, [[1, []]]]));
});

test('always_on: also outside of spans, without a trace', async () => {
  const { reader, meter } = start('always_on');
  const histogram = meter.createHistogram('h', { advice: { explicitBucketBoundaries: [1, 10] } });
  histogram.record(0.5, {}, ROOT_CONTEXT);
  histogram.record(5, {}, inSpan(TraceFlags.NONE));
  const body = Buffer.from(new MetricEncoder().encode(await reader.metrics()));
  const [metric] = readTelemetry('metrics', 'protobuf', body).metrics;
  expect(metric?.points[0]?.exemplars).toMatchObject([
    { value: 0.5, traceId: '', spanId: '' },
    { value: 5, traceId: TRACE_ID, spanId: SPAN_ID },
  ]);
});

test('what was collected keeps its exemplars; a reader of changes gets none twice', async () => {
  const { reader, meter } = start('trace_based', false, true);
  const histogram = meter.createHistogram('h', { advice: { explicitBucketBoundaries: [1, 10] } });
  histogram.record(0.5, {}, inSpan(TraceFlags.SAMPLED));
  histogram.record(5, {}, inSpan(TraceFlags.SAMPLED));
  const first = await reader.metrics();
  const until = Date.now();
  while (Date.now() === until) await null;
  context.with(ROOT_CONTEXT, () => histogram.record(0.7, {}, inSpan(TraceFlags.SAMPLED)));
  const second = await reader.metrics();
  const exemplars = [first, second].map((metrics) => {
    const { metrics: read } = readTelemetry('metrics', 'protobuf', Buffer.from(new MetricEncoder().encode(metrics)));
    return read[0]?.points[0]?.exemplars.map(({ value }) => value);
  });
  expect(exemplars).toEqual([[0.5, 5], [0.7]]);
});
