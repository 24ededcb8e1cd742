// What is read at once is what the SDK would collect, but for observable instruments.
import type { Meter } from '@opentelemetry/api';
import {
  AggregationTemporality,
  AggregationType,
  InMemoryMetricExporter,
  MeterProvider,
  type MetricProducer,
  PeriodicExportingMetricReader,
  type ResourceMetrics,
} from '@opentelemetry/sdk-metrics';
import { expect, test } from 'vitest';
import { MeterWatch } from '../../../src/sdk/metrics/meter-watch.js';
import { stateNow } from '../../../src/sdk/metrics/state-now.js';

const { CUMULATIVE, DELTA } = AggregationTemporality;

class Reader extends PeriodicExportingMetricReader {
  #producer: MetricProducer | undefined;

  override setMetricProducer(producer: MetricProducer): void {
    super.setMetricProducer(producer);
    this.#producer = producer;
  }

  now(): ResourceMetrics | undefined {
    return this.#producer && stateNow(this.#producer);
  }
}

/** Two readers, since storages may be shared among them, and a view, whose storages are registered in another place. */
function start(storages: 'ours' | "the SDK's") {
  const createReader = (temporality: AggregationTemporality) => new Reader({ exporter: new InMemoryMetricExporter(temporality) });
  const readers = { delta: createReader(DELTA), cumulative: createReader(CUMULATIVE) };
  const provider = new MeterProvider({
    readers: Object.values(readers),
    views: [{ instrumentName: 'viewed', name: 'seen', aggregation: { type: AggregationType.SUM } }],
  });
  if (storages === 'ours') new MeterWatch(false).setMeterProvider(provider);
  return { provider, meter: provider.getMeter('test', '1'), ...readers };
}

function measure(meter: Meter): void {
  meter.createCounter('counter').add(2, { n: 1 });
  meter.createUpDownCounter('up-down').add(-1);
  meter.createHistogram('histogram').record(5);
  meter.createHistogram('viewed').record(5);
  meter.createGauge('gauge').record(7);
}

/** Everything but times, by instrument. */
function plain(state: ResourceMetrics | undefined) {
  const all = state?.scopeMetrics.flatMap(({ scope, metrics }) => metrics.map((metric) => ({ scope, ...metric }))) ?? [];
  return Object.fromEntries(
    all.map(({ scope, descriptor, dataPoints, ...kind }) => [
      descriptor.name,
      { scope: scope.name, ...kind, points: dataPoints.map(({ attributes, value }) => ({ attributes, value })) },
    ]),
  );
}

test.for(['ours', "the SDK's"] as const)('with storages that are %s, it is what the SDK collects', async (storages) => {
  const [one, other] = [start(storages), start(storages)];
  for (const { meter } of [one, other]) measure(meter);
  const names = ['counter', 'gauge', 'histogram', 'seen', 'up-down'];
  for (const kind of ['delta', 'cumulative'] as const) {
    const { resourceMetrics } = await other[kind].collect();
    const now = plain(one[kind].now());
    expect(Object.keys(now).sort()).toEqual(names);
    expect(now).toEqual(plain(resourceMetrics));
  }
  await Promise.all([one.provider.shutdown(), other.provider.shutdown()]);
});

test.for(['ours', "the SDK's"] as const)('with storages that are %s, delta temporality has only what is new', async (storages) => {
  const { meter, delta, cumulative, provider } = start(storages);
  measure(meter);
  await delta.collect();
  expect(delta.now()).toBeUndefined();
  meter.createCounter('counter').add(3, { n: 1 });
  expect(plain(delta.now())).toEqual({ counter: expect.objectContaining({ points: [{ attributes: { n: 1 }, value: 3 }] }) });
  expect(plain((await delta.collect()).resourceMetrics)).toEqual({});
  expect(plain(cumulative.now())).toMatchObject({ counter: { points: [{ attributes: { n: 1 }, value: 5 }] } });
  await provider.shutdown();
});

test('observable instruments are left out, and their callbacks are not called', async () => {
  const { meter, cumulative, provider } = start('ours');
  let calls = 0;
  meter.createObservableGauge('observed').addCallback((result) => {
    calls++;
    result.observe(1);
  });
  await cumulative.collect();
  expect(cumulative.now()).toBeUndefined();
  expect(calls).toBe(1);
  await provider.shutdown();
});
