// Each private member of OpenTelemetry that we touch, taken away: what stands in for it works, and one line names it.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { diag, metrics } from '@opentelemetry/api';
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
import { emptyResource } from '@opentelemetry/resources';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
  type ResourceMetrics,
} from '@opentelemetry/sdk-metrics';
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { readSettings } from '../../src/config/read.js';
import { ExportQueue } from '../../src/export/export-queue.js';
import { QueuedMetricExporter } from '../../src/export/metric-exporter.js';
import { PushReader } from '../../src/export/push-reader.js';
import { createZipkinEncoder } from '../../src/export/zipkin.js';
import { readFetchErrors } from '../../src/integrations/http/fetch-errors.js';
import { SietchHttpInstrumentation } from '../../src/integrations/http/http-instrumentation.js';
import { httpSettings } from '../../src/integrations/http/settings.js';
import { claimApi } from '../../src/sdk/api/api-copies.js';
import { BoundInstrument } from '../../src/sdk/metrics/bound-instrument.js';
import { PLAIN } from '../../src/sdk/metrics/histogram-series.js';
import { replaceStorages, storageOf } from '../../src/sdk/metrics/metric-storages.js';
import { PORTS, type PortName } from '../../src/sdk/ports.js';
import { ROOT } from '../support/checkout.ts';

const lines: string[] = [];
beforeEach(() => {
  lines.length = 0;
  vi.spyOn(diag, 'warn').mockImplementation((...words) => void lines.push(words.join(' ')));
});
afterEach(() => {
  vi.restoreAllMocks();
  metrics.disable();
});

const UNUSED_SENDER = {
  target: 'nowhere',
  holdsProcess: false,
  send: () => expect.fail('nothing to send'),
  handOver: () => expect.fail('nothing to send'),
  shutdown: async () => {},
};

function expectOneLine(name: PortName): void {
  const { member, seenOn, fallback } = PORTS[name];
  expect(lines).toEqual([expect.stringContaining(`: ${member} was not found as in ${seenOn}: ${fallback} Remedy: `)]);
}

/** The SDK goes on finding the member; who reads it first, as we do, does not. */
function hideOnce(owner: object, member: string): void {
  const value: unknown = Reflect.get(owner, member);
  let isHidden = true;
  Object.defineProperty(owner, member, {
    configurable: true,
    get: () => {
      const seen = isHidden ? undefined : value;
      isHidden = false;
      return seen;
    },
  });
}

function createMeter() {
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const provider = new MeterProvider({ readers: [new PeriodicExportingMetricReader({ exporter })] });
  const counts = async () => {
    await provider.forceFlush();
    const points = exporter.getMetrics().flatMap(({ scopeMetrics }) => scopeMetrics.flatMap((scope) => scope.metrics));
    await provider.shutdown();
    return points.flatMap(({ descriptor, dataPoints }) => dataPoints.map(() => descriptor.name));
  };
  return { meter: provider.getMeter('test'), counts };
}

test('without the state of a meter, the SDK counts', async () => {
  const { meter, counts } = createMeter();
  hideOnce(meter, '_meterSharedState');
  expect(replaceStorages(meter, PLAIN)).toBe(false);
  meter.createHistogram('h').record(1);
  expect(await counts()).toEqual(['h']);
  expectOneLine('meterState');
});

test('without the buckets of an aggregator, the SDK counts', async () => {
  const { meter, counts } = createMeter();
  const shared: unknown = Reflect.get(Reflect.get(meter, '_meterSharedState'), '_meterProviderSharedState');
  expect(replaceStorages(meter, PLAIN)).toBe(true);
  if (typeof shared !== 'object' || shared === null) throw new Error('expected the state of the provider');
  const select: unknown = Reflect.get(shared, 'selectAggregations');
  Reflect.set(shared, 'selectAggregations', () => {
    Reflect.set(shared, 'selectAggregations', select);
    return [[{}, { createAggregator: () => ({ kind: 3 }) }]];
  });
  const histogram = meter.createHistogram('h');
  expect(storageOf(histogram)).toBeUndefined();
  histogram.record(1);
  expect(await counts()).toEqual(['h']);
  expectOneLine('aggregator');
});

test('without the storage of an instrument, a series is looked up at each measurement', async () => {
  const { meter, counts } = createMeter();
  replaceStorages(meter, PLAIN);
  const histogram = meter.createHistogram('h');
  hideOnce(histogram, '_writableMetricStorage');
  new BoundInstrument({ n: 1 }).of(histogram).record(1, undefined);
  expect(await counts()).toEqual(['h']);
  expectOneLine('instrumentStorage');
});

test("without the state of a reader's producer, the SDK collects, and there is nothing to send at the end", async () => {
  const meterStates: ReadonlyMap<string, object> = new Map([['test', {}]]);
  const resourceMetrics = { resource: emptyResource(), scopeMetrics: [] };
  const collect = async () => ({ resourceMetrics, errors: [] });
  const withoutRegistry = { collect, _sharedState: { resource: emptyResource(), meterSharedStates: meterStates } };
  for (const producer of [{ collect }, withoutRegistry]) {
    const queue = new ExportQueue<ResourceMetrics>(
      'metric exports',
      UNUSED_SENDER,
      { items: 4, bytes: 4, batchItems: 1, exports: 1, delayMs: 0, timeoutMs: 100 },
      () => 1,
    );
    const reader = new PushReader({ exporter: new QueuedMetricExporter(queue) });
    reader.setMetricProducer(producer);
    expect((await reader.collect()).resourceMetrics).toEqual(resourceMetrics);
    reader.exportNow();
    expect(queue.made).toBe(0);
    await reader.shutdown();
  }
  expectOneLine('collectorState');
});

test("without the histogram of upstream's instrumentation of http, ours starts, and says so once", () => {
  const update: unknown = Reflect.get(HttpInstrumentation.prototype, '_updateMetricInstruments');
  Reflect.set(HttpInstrumentation.prototype, '_updateMetricInstruments', () => {});
  const settings = readSettings(httpSettings, {}, undefined, []);
  for (let times = 0; times < 2; times++) new SietchHttpInstrumentation({ enabled: false }, settings);
  Reflect.set(HttpInstrumentation.prototype, '_updateMetricInstruments', update);
  expectOneLine('clientDuration');
});

test("without the method that reads errors of fetch, upstream's instrumentation starts", () => {
  const onError: unknown = Reflect.get(UndiciInstrumentation.prototype, 'onError');
  Reflect.deleteProperty(UndiciInstrumentation.prototype, 'onError');
  readFetchErrors();
  expect(() => new UndiciInstrumentation({ enabled: false })).not.toThrow();
  Reflect.set(UndiciInstrumentation.prototype, 'onError', onError);
  expectOneLine('fetchErrors');
});

test("without the sending of Zipkin's exporter to replace, it sends the spans itself, once", async () => {
  const upstream = new InMemorySpanExporter();
  const encoder = createZipkinEncoder(upstream);
  const ended = new InMemorySpanExporter();
  const provider = new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter: ended })] });
  provider.getTracer('test').startSpan('work').end();
  await provider.forceFlush();
  const encoded = await encoder.encode(ended.getFinishedSpans());
  expect(String(encoded?.body)).toBe('[]');
  expect(upstream.getFinishedSpans().map(({ name }) => name)).toEqual(['work']);
  expectOneLine('zipkinSend');
});

test('without the global of the API, the start goes on', () => {
  const key = Symbol.for('opentelemetry.js.api.1');
  const before: unknown = Reflect.get(globalThis, key);
  Reflect.deleteProperty(globalThis, key);
  const release = claimApi();
  release();
  release();
  Reflect.set(globalThis, key, before);
  expectOneLine('apiGlobal');
});

test('docs/architecture.md shows each port', () => {
  const text = readFileSync(join(ROOT, 'docs/architecture.md'), 'utf8');
  for (const { member, seenOn, fallback } of Object.values(PORTS)) expect(text).toContain(`| \`${member}\` | ${seenOn} | ${fallback} |`);
});
