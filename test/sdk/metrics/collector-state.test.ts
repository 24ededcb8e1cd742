// What is collected of all meters at once is what the SDK collects.
import { type Meter, ValueType } from '@opentelemetry/api';
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
import { CollectorState } from '../../../src/sdk/metrics/collector-state.js';
import { MeterWatch } from '../../../src/sdk/metrics/meter-watch.js';

const { CUMULATIVE, DELTA } = AggregationTemporality;

class Reader extends PeriodicExportingMetricReader {
  #producer: MetricProducer | undefined;

  override setMetricProducer(producer: MetricProducer): void {
    super.setMetricProducer(producer);
    this.#producer = producer;
  }

  get state(): CollectorState {
    const state = this.#producer && CollectorState.of(this.#producer);
    return state ?? expect.fail('no state');
  }

  now(): ResourceMetrics {
    const { state } = this;
    state.observeNow();
    return state.collect();
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
  if (storages === 'ours') new MeterWatch().setMeterProvider(provider);
  return { provider, meter: provider.getMeter('test', '1'), ...readers };
}

function measure(meter: Meter): void {
  meter.createCounter('counter').add(2, { n: 1 });
  meter.createUpDownCounter('up-down').add(-1);
  meter.createHistogram('histogram').record(5);
  meter.createHistogram('viewed').record(5);
  meter.createGauge('gauge').record(7);
  meter.createObservableCounter('observed', { valueType: ValueType.INT }).addCallback((result) => {
    result.observe(2.5, { n: 1 });
    result.observe(Number.NaN, { n: 2 });
  });
  const [one, other] = [meter.createObservableGauge('one'), meter.createObservableUpDownCounter('other')];
  meter.addBatchObservableCallback(
    (result) => {
      result.observe(one, 1.5);
      result.observe(one, 2.5);
      result.observe(other, -3, { n: 1 });
    },
    [one, other],
  );
  const outside = meter.createObservableGauge('outside');
  meter.addBatchObservableCallback((result) => result.observe(outside, 1), [one]);
}

/** Everything but times, by instrument. */
function plain(state: ResourceMetrics) {
  const all = state.scopeMetrics.flatMap(({ scope, metrics }) => metrics.map((metric) => ({ scope, ...metric })));
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
  const names = ['counter', 'gauge', 'histogram', 'observed', 'one', 'other', 'seen', 'up-down'];
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
  meter.createCounter('counter').add(2, { n: 1 });
  let total = 2;
  meter.createObservableCounter('observed').addCallback((result) => result.observe(total));
  await delta.collect();
  meter.createCounter('counter').add(3, { n: 1 });
  total = 5;
  const now = plain(delta.now());
  expect(now).toMatchObject({ counter: { points: [{ attributes: { n: 1 }, value: 3 }] }, observed: { points: [{ value: 3 }] } });
  expect(plain((await delta.collect()).resourceMetrics)).toMatchObject({ observed: { points: [{ value: 0 }] } });
  expect(plain(cumulative.now())).toMatchObject({ counter: { points: [{ value: 5 }] }, observed: { points: [{ value: 5 }] } });
  await provider.shutdown();
});

test('a callback that answers later, or throws, leaves its series as they were', async () => {
  const { meter, cumulative, provider } = start('ours');
  let value = 1;
  meter.createObservableGauge('late').addCallback(async (result) => {
    result.observe(value, { n: 1 });
    await null;
    result.observe(value, { n: 2 });
  });
  meter.createObservableGauge('thrown').addCallback((result) => {
    result.observe(value);
    if (value > 1) throw new Error('expected');
  });
  meter.createObservableGauge('rejected').addCallback(async () => Promise.reject(new Error('expected')));
  await cumulative.collect();
  value = 2;
  expect(plain(cumulative.now())).toMatchObject({
    late: {
      points: [
        { attributes: { n: 1 }, value: 2 },
        { attributes: { n: 2 }, value: 1 },
      ],
    },
    thrown: { points: [{ value: 1 }] },
  });
  await provider.shutdown();
});

test('nothing is collected while a callback of another meter has not answered', async () => {
  const { meter, provider, delta } = start('ours');
  meter.createCounter('counter').add(1);
  let answer: () => void = () => {};
  const answered = new Promise<void>((resolve) => {
    answer = resolve;
  });
  provider
    .getMeter('other')
    .createObservableGauge('late')
    .addCallback(() => answered);
  const { state } = delta;
  const observing = state.observe(undefined);
  await new Promise(setImmediate);
  meter.createCounter('counter').add(1);
  answer();
  expect(await observing).toEqual([]);
  expect(plain(state.collect())).toMatchObject({ counter: { points: [{ value: 2 }] } });
  await provider.shutdown();
});
