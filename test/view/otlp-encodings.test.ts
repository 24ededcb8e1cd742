// What the real exporters send in JSON and in protobuf must read the same.

import { context, ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { SeverityNumber } from '@opentelemetry/api-logs';
import { OTLPLogExporter as JsonLogs } from '@opentelemetry/exporter-logs-otlp-http';
import { OTLPLogExporter as ProtobufLogs } from '@opentelemetry/exporter-logs-otlp-proto';
import { OTLPMetricExporter as JsonMetrics } from '@opentelemetry/exporter-metrics-otlp-http';
import { OTLPMetricExporter as ProtobufMetrics } from '@opentelemetry/exporter-metrics-otlp-proto';
import { OTLPTraceExporter as JsonTraces } from '@opentelemetry/exporter-trace-otlp-http';
import { OTLPTraceExporter as ProtobufTraces } from '@opentelemetry/exporter-trace-otlp-proto';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchLogRecordProcessor, LoggerProvider } from '@opentelemetry/sdk-logs';
import { AggregationType, MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import { BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Receiver, startReceiver } from '../support/otlp.ts';

const resource = resourceFromAttributes({ 'service.name': 'webhooks', 'process.pid': 42, 'process.command_args': ['node', 'app.js'] });
const LINKED = { traceId: 'AF7651916CD43DD8448EB211C80319C1'.toLowerCase(), spanId: 'b7ad6b7169203331', traceFlags: 1 };
const CARRIED = { traceId: '4bf92f3577b34da6a3ce929d0e0e4736', spanId: '00f067aa0ba902b7', traceFlags: 1, isRemote: true };

let json: Receiver;
let protobuf: Receiver;

beforeAll(async () => {
  [json, protobuf] = await Promise.all([startReceiver(), startReceiver()]);
});
afterAll(async () => {
  await Promise.all([json.close(), protobuf.close()]);
});

test('spans', async () => {
  const provider = new BasicTracerProvider({
    resource,
    spanProcessors: [
      new BatchSpanProcessor(new JsonTraces({ url: `${json.url}/v1/traces` })),
      new BatchSpanProcessor(new ProtobufTraces({ url: `${protobuf.url}/v1/traces` })),
    ],
  });
  const tracer = provider.getTracer('test', '1.2.3');
  const parent = tracer.startSpan(
    'POST /webhooks/paddle',
    { kind: SpanKind.SERVER, startTime: [1_700_000_000, 123_456_789], links: [{ context: LINKED, attributes: { why: 'batch' } }] },
    trace.setSpanContext(ROOT_CONTEXT, CARRIED),
  );
  parent.setAttributes({ text: 'größe ✓', int: 7, negative: -3, double: 0.1, yes: true, no: false, list: ['a', 'b'], empty: '' });
  const child = tracer.startSpan('SELECT', { kind: SpanKind.CLIENT }, trace.setSpan(context.active(), parent));
  child.addEvent('retry', { attempt: 2 }, [1_700_000_001, 5]);
  child.setStatus({ code: SpanStatusCode.ERROR, message: 'no' });
  child.end();
  parent.end([1_700_000_002, 1]);
  await provider.shutdown();

  expect(json.store.spans).toHaveLength(2);
  expect(protobuf.store.spans).toEqual(json.store.spans);
  const [selected, post] = protobuf.store.spans;
  expect(post).toMatchObject({
    service: 'webhooks',
    resource: { 'service.name': 'webhooks', 'process.pid': 42, 'process.command_args': ['node', 'app.js'] },
    scope: { name: 'test', version: '1.2.3', schemaUrl: '', attributes: {} },
    name: 'POST /webhooks/paddle',
    traceId: CARRIED.traceId,
    parentSpanId: CARRIED.spanId,
    kind: 'SERVER',
    status: { code: 'UNSET', message: '' },
    startTimeUnixNano: 1_700_000_000_123_456_789n,
    endTimeUnixNano: 1_700_000_002_000_000_001n,
    attributes: { text: 'größe ✓', int: 7, negative: -3, double: 0.1, yes: true, no: false, list: ['a', 'b'], empty: '' },
    links: [{ traceId: LINKED.traceId, spanId: LINKED.spanId, attributes: { why: 'batch' } }],
  });
  expect(selected).toMatchObject({
    parentSpanId: post?.spanId,
    kind: 'CLIENT',
    status: { code: 'ERROR', message: 'no' },
    events: [{ name: 'retry', timeUnixNano: 1_700_000_001_000_000_005n, attributes: { attempt: 2 } }],
  });
});

test('log records', async () => {
  const provider = new LoggerProvider({
    resource,
    processors: [
      new BatchLogRecordProcessor({ exporter: new JsonLogs({ url: `${json.url}/v1/logs` }) }),
      new BatchLogRecordProcessor({ exporter: new ProtobufLogs({ url: `${protobuf.url}/v1/logs` }) }),
    ],
  });
  provider.getLogger('test').emit({
    eventName: 'sietch.test',
    severityNumber: SeverityNumber.WARN,
    severityText: 'warn',
    body: { message: 'slow', deep: [{ n: 1.5 }, null] },
    timestamp: [1_700_000_000, 42],
    observedTimestamp: [1_700_000_000, 43],
    attributes: { bytes: new Uint8Array([1, 2, 3]), nested: { ok: true } },
    context: trace.setSpanContext(ROOT_CONTEXT, CARRIED),
  });
  await provider.shutdown();

  expect(json.store.logs).toHaveLength(1);
  expect(protobuf.store.logs).toEqual(json.store.logs);
  expect(protobuf.store.logs[0]).toMatchObject({
    service: 'webhooks',
    eventName: 'sietch.test',
    severityNumber: 13,
    severityText: 'warn',
    body: { message: 'slow', deep: [{ n: 1.5 }, null] },
    timeUnixNano: 1_700_000_000_000_000_042n,
    observedTimeUnixNano: 1_700_000_000_000_000_043n,
    attributes: { bytes: 'AQID', nested: { ok: true } },
    traceId: CARRIED.traceId,
    spanId: CARRIED.spanId,
    flags: 1,
  });
});

test('metrics', async () => {
  // One reader for both, so that both get the same points: the second exporter is fed what the first got.
  const exporter = new JsonMetrics({ url: `${json.url}/v1/metrics` });
  const twin = new ProtobufMetrics({ url: `${protobuf.url}/v1/metrics` });
  const exported = exporter.export.bind(exporter);
  let twinDone = Promise.resolve();
  exporter.export = (metrics, done) => {
    twinDone = new Promise((resolve) => twin.export(metrics, () => resolve()));
    exported(metrics, done);
  };
  const provider = new MeterProvider({
    resource,
    readers: [new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000, exportTimeoutMillis: 5_000 })],
    views: [{ instrumentName: 'exponential', aggregation: { type: AggregationType.EXPONENTIAL_HISTOGRAM } }],
  });
  const meter = provider.getMeter('test');
  meter.createCounter('counter', { unit: '1', description: 'counts' }).add(3, { queue: 'a' });
  meter.createUpDownCounter('updown').add(-2);
  meter.createObservableGauge('gauge').addCallback((result) => result.observe(0.5, { circuit: 'paddle' }));
  const histogram = meter.createHistogram('histogram', { unit: 's', advice: { explicitBucketBoundaries: [0.1, 1] } });
  histogram.record(0.05);
  histogram.record(5);
  const exponential = meter.createHistogram('exponential');
  for (const value of [0, 0.001, 1, 1000]) exponential.record(value);
  await provider.forceFlush();
  await twinDone;
  await provider.shutdown();

  expect(json.store.metrics.map((metric) => metric.name)).toEqual(
    expect.arrayContaining(['counter', 'updown', 'gauge', 'histogram', 'exponential']),
  );
  expect(protobuf.store.metrics.slice(0, 5)).toEqual(json.store.metrics.slice(0, 5));
  const points = Object.fromEntries(protobuf.store.metrics.map((metric) => [metric.name, metric]));
  expect(points['counter']).toMatchObject({ type: 'sum', monotonic: true, temporality: 'CUMULATIVE', unit: '1', description: 'counts' });
  expect(points['counter']?.points[0]).toMatchObject({ value: 3, attributes: { queue: 'a' } });
  expect(points['updown']).toMatchObject({ type: 'sum', monotonic: false, points: [{ value: -2 }] });
  expect(points['gauge']).toMatchObject({ type: 'gauge', points: [{ value: 0.5, attributes: { circuit: 'paddle' } }] });
  expect(points['histogram']?.points[0]).toMatchObject({
    count: 2,
    sum: 5.05,
    min: 0.05,
    max: 5,
    bucketCounts: [1, 0, 1],
    explicitBounds: [0.1, 1],
  });
  expect(points['exponential']).toMatchObject({ type: 'exponentialHistogram', points: [{ count: 4, zeroCount: 1, min: 0, max: 1000 }] });
});
