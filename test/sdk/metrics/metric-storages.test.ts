// Our storages of counters and histograms tell readers what the SDK's tell them.
import { type Attributes, type Histogram, type Meter, metrics, ValueType } from '@opentelemetry/api';
import {
  AggregationTemporality,
  type DataPoint,
  InMemoryMetricExporter,
  InstrumentType,
  MeterProvider,
  MetricReader,
  type Histogram as Value,
} from '@opentelemetry/sdk-metrics';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BoundInstrument } from '../../../src/sdk/metrics/bound-instrument.js';
import { SECONDS_BUCKETS } from '../../../src/sdk/metrics/buckets.js';
import { PLAIN } from '../../../src/sdk/metrics/histogram-series.js';
import { MeterWatch } from '../../../src/sdk/metrics/meter-watch.js';
import { replaceStorages, storageOf } from '../../../src/sdk/metrics/metric-storages.js';

const { CUMULATIVE, DELTA } = AggregationTemporality;

class Reader extends MetricReader {
  constructor(temporality: AggregationTemporality) {
    const exporter = new InMemoryMetricExporter(temporality);
    super({ aggregationTemporalitySelector: () => exporter.selectAggregationTemporality(InstrumentType.HISTOGRAM) });
  }

  override async onForceFlush(): Promise<void> {}
  override async onShutdown(): Promise<void> {}

  /** Points by instrument. */
  async points(): Promise<Record<string, DataPoint<Value>[]>> {
    const { resourceMetrics, errors } = await this.collect();
    expect(errors).toEqual([]);
    const all = resourceMetrics.scopeMetrics.flatMap((scope) => scope.metrics);
    return Object.fromEntries(all.map((metric) => [metric.descriptor.name, metric.dataPoints as DataPoint<Value>[]]));
  }

  /** Sums by instrument, as attributes and value in order; and what is said of each instrument. */
  async told(): Promise<Record<string, string[]>> {
    const { resourceMetrics } = await this.collect();
    const all = resourceMetrics.scopeMetrics.flatMap((scope) => scope.metrics);
    return Object.fromEntries(
      all.map(({ descriptor: { name }, dataPoints, ...kind }) => [
        `${name}`,
        [
          ...dataPoints.map(({ attributes, value }) => `${JSON.stringify(Object.entries(attributes).sort())} ${value}`).sort(),
          JSON.stringify(Object.entries(kind).sort()),
        ],
      ]),
    );
  }
}

/** A provider with readers of these kinds. */
function start(temporalities: readonly AggregationTemporality[], own = true) {
  const readers = temporalities.map((temporality) => new Reader(temporality));
  const provider = new MeterProvider({ readers });
  if (own) new MeterWatch().setMeterProvider(provider);
  return { readers, meter: provider.getMeter('test') };
}

/** Values as they are compared: in the order of the attributes, without times, and without the empty series that NaN makes in the SDK. */
function values(points: readonly DataPoint<Value>[] = []): Record<string, unknown> {
  const rounded = points
    .filter(({ value }) => value.count > 0)
    .map(({ attributes, value }) => [JSON.stringify(Object.entries(attributes).sort()), { ...value, sum: value.sum?.toFixed(9) }]);
  return Object.fromEntries(rounded.sort());
}

test('the SDK of this package is one whose storages can be replaced', () => {
  const { meter } = start([CUMULATIVE]);
  expect(storageOf(meter.createHistogram('h'))).toBeDefined();
  expect(replaceStorages(metrics.getMeter('of the API'), PLAIN)).toBe(false);
});

const step = fc.oneof(
  fc.record({
    value: fc.oneof(
      // Not Infinity: the SDK's sums hold it for ever, ours do not take it (api-fuzz.test.ts).
      fc.constantFrom(0, 0.005, 5, 10, Number.NaN, -1),
      fc.double({ min: 0, max: 20, noNaN: true }),
    ),
    attributes: fc.constantFrom<Attributes[]>({}, { a: 1 }, { a: 1, b: 'x' }, { b: 'x', a: 1 }, { a: '1' }, { a: [1, 2] }),
  }),
  fc.record({ collectBy: fc.constantFrom(0, 1, 2) }),
);
const boundaries = fc.constantFrom<(number[] | undefined)[]>(
  undefined,
  [],
  [1],
  [10, 0.005, 5],
  [Number.NEGATIVE_INFINITY, 1, Number.POSITIVE_INFINITY],
);

test('whatever is measured, whoever collects and when: the values are those of the SDK', async () => {
  const kinds = [CUMULATIVE, DELTA, CUMULATIVE];
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), boundaries, async (steps, explicitBucketBoundaries) => {
      const [ours, theirs] = [start(kinds), start(kinds, false)];
      const options = { advice: explicitBucketBoundaries === undefined ? {} : { explicitBucketBoundaries } };
      const histograms = [ours, theirs].map(({ meter }) => meter.createHistogram('h', options));
      const kept = new Map<Attributes, BoundInstrument>();
      for (const each of [...steps, { collectBy: 0 }, { collectBy: 1 }, { collectBy: 2 }]) {
        if ('collectBy' in each) {
          const [own, sdk] = await Promise.all([ours, theirs].map(async ({ readers }) => (await readers[each.collectBy]?.points())?.['h']));
          expect(values(own)).toEqual(values(sdk));
          continue;
        }
        histograms[1]?.record(each.value, each.attributes);
        // Half of them by a series that is kept.
        const series = kept.get(each.attributes) ?? new BoundInstrument(each.attributes);
        kept.set(each.attributes, series);
        if (Object.keys(each.attributes).length > 1) series.of(histograms[0] as Histogram).record(each.value, undefined);
        else histograms[0]?.record(each.value, each.attributes);
      }
    }),
    { numRuns: 200 },
  );
});

const counted = fc.oneof(
  fc.record({
    // Sums of these are exact in any order.
    // Finite ones: NaN and Infinity would be the SDK's sum for ever, ours does not take them.
    value: fc.constantFrom(0, 1, 0.5, -1, -0.25, 1e6),
    attributes: fc.constantFrom<Attributes[]>({}, { a: 1 }, { a: 1, b: 'x' }, { b: 'x', a: 1 }, { a: '1' }, { a: [1, 2] }),
  }),
  fc.record({ collectBy: fc.constantFrom(0, 1, 2) }),
);

test('whatever is counted, up or down, whoever collects and when: the sums are those of the SDK', async () => {
  const kinds = [CUMULATIVE, DELTA, CUMULATIVE];
  const valueTypes = fc.constantFrom(ValueType.INT, ValueType.DOUBLE);
  await fc.assert(
    fc.asyncProperty(fc.array(counted, { maxLength: 40 }), valueTypes, async (steps, valueType) => {
      const sides = [start(kinds), start(kinds, false)];
      const counters = sides.map(({ meter }) => meter.createCounter('up', { valueType }));
      const upDownCounters = sides.map(({ meter }) => meter.createUpDownCounter('any', { valueType }));
      for (const each of [...steps, { collectBy: 0 }, { collectBy: 1 }, { collectBy: 2 }]) {
        if ('collectBy' in each) {
          const [own, sdk] = await Promise.all(sides.map(({ readers }) => readers[each.collectBy]?.told()));
          expect(own).toEqual(sdk);
        } else for (const counter of [...counters, ...upDownCounters]) counter.add(each.value, each.attributes);
      }
    }),
    { numRuns: 200 },
  );
});

test('counters past the limit of the SDK are one series; made again they go on', async () => {
  const { readers, meter } = start([CUMULATIVE]);
  for (let index = 0; index < 2_500; index++) meter.createCounter('c').add(1, { index });
  meter.createCounter('c').add(1, { index: 0 });
  const sums = (await readers[0]?.told())?.['c']?.slice(0, -1) ?? [];
  expect(sums).toHaveLength(2_000);
  expect([sums[0], sums.at(-1)]).toEqual(['[["index",0]] 2', '[["otel.metric.overflow",true]] 501']);
});

test('a reader of changes gets spans of time that meet, without those in which nothing was measured', async () => {
  const { readers, meter } = start([DELTA]);
  const histogram = meter.createHistogram('h');
  histogram.record(1, { of: 'a' });
  const [first] = (await readers[0]?.points())?.['h'] ?? [];
  expect((await readers[0]?.points())?.['h']).toBeUndefined();
  histogram.record(2, { of: 'a' });
  const [second] = (await readers[0]?.points())?.['h'] ?? [];
  expect(second?.value).toMatchObject({ count: 1, sum: 2, min: 2, max: 2 });
  const [end = [0, 0], begin = [0, 0]] = [first?.endTime, second?.startTime];
  expect(begin[0] * 1e9 + begin[1]).toBeGreaterThanOrEqual(end[0] * 1e9 + end[1]);
});

test('what a reader was told is not changed by what is measured later', async () => {
  const { readers, meter } = start([CUMULATIVE]);
  const histogram = meter.createHistogram('h', { advice: { explicitBucketBoundaries: [1] } });
  histogram.record(1);
  const [told] = (await readers[0]?.points())?.['h'] ?? [];
  histogram.record(2);
  await readers[0]?.points();
  expect(told?.value).toEqual({ min: 1, max: 1, sum: 1, count: 1, buckets: { boundaries: [1], counts: [1, 0] } });
});

test('attributes that the app changes afterwards are another series', async () => {
  const { readers, meter } = start([CUMULATIVE]);
  const histogram = meter.createHistogram('h');
  const attributes = { of: 'a' };
  histogram.record(1, attributes);
  attributes.of = 'b';
  histogram.record(1, attributes);
  expect((await readers[0]?.points())?.['h']?.map((point) => point.attributes)).toEqual([{ of: 'a' }, { of: 'b' }]);
});

test('past the limit of the SDK series are one, under its attribute; whoever came before goes on', async () => {
  const { readers, meter } = start([CUMULATIVE]);
  const histogram = meter.createHistogram('h');
  for (let index = 0; index < 2_500; index++) histogram.record(1, { index });
  new BoundInstrument({ index: 9_999 }).of(histogram).record(1, undefined);
  histogram.record(1, { index: 0 });
  const points = (await readers[0]?.points())?.['h'] ?? [];
  expect(points).toHaveLength(2_000);
  expect(points[0]?.value.count).toBe(2);
  expect(points.at(-1)).toMatchObject({ attributes: { 'otel.metric.overflow': true }, value: { count: 502 } });
});

test('past the limit a series is found by its attributes in any order, of any type', async () => {
  const { readers, meter } = start([CUMULATIVE]);
  const histogram = meter.createHistogram('h');
  histogram.record(1, { of: 'a', n: 1 });
  histogram.record(1, { list: ['x'] });
  for (let index = 0; index < 2_500; index++) histogram.record(1, { index });
  for (const attributes of [{ n: 1, of: 'a' }, { list: ['x'] }, { '': 'ignored', of: 'a', n: 1 }]) histogram.record(1, attributes);
  histogram.record(1, { of: 'a', n: 7 });
  histogram.record(1, { n: 7, index: 1 });
  const points = (await readers[0]?.points())?.['h'] ?? [];
  expect(points.slice(0, 2).map(({ value }) => value.count)).toEqual([3, 2]);
  expect(points.at(-1)).toMatchObject({ attributes: { 'otel.metric.overflow': true }, value: { count: 505 } });
});

test('where all readers are told changes, series that are over make room; those that somebody keeps stay', async () => {
  const { readers, meter } = start([DELTA, DELTA]);
  const histogram = meter.createHistogram('h');
  const kept = new BoundInstrument({ of: 'kept' }).of(histogram);
  const collectAll = async () => [await readers[0]?.points(), (await readers[1]?.points())?.['h']?.length];
  for (let round = 0; round < 3; round++) {
    for (let index = 0; index < 1_900; index++) histogram.record(1, { customer: `${round}-${index}` });
    kept.record(1, undefined);
    expect((await collectAll())[1]).toBe(1_901);
    expect((await collectAll())[1]).toBeUndefined();
  }
});

test('an instrument that is made again goes on; of another unit it is another', async () => {
  const { readers, meter } = start([CUMULATIVE]);
  const make = (of: Meter, unit: string) => of.createHistogram('h', { unit, advice: { explicitBucketBoundaries: [1] } });
  make(meter, 'By').record(1);
  make(meter, 'By').record(2);
  make(meter, 's').record(0.5);
  const { resourceMetrics } = (await readers[0]?.collect()) ?? {};
  const told = resourceMetrics?.scopeMetrics[0]?.metrics.map(({ descriptor, dataPoints }) => [descriptor.unit, dataPoints[0]?.value]);
  expect(told).toMatchObject([
    ['By', { count: 2 }],
    ['s', { count: 1 }],
  ]);
});

test('a kept series follows the histogram that it is asked of', async () => {
  const series = new BoundInstrument({ of: 'x' });
  series.of(metrics.getMeter('of the API').createHistogram('h')).record(1, undefined);
  const [one, other] = [start([CUMULATIVE]), start([CUMULATIVE], false)];
  const histograms = [one, other, one].map(({ meter }) => meter.createHistogram('h', { unit: 's' }));
  for (const histogram of histograms) series.of(histogram).record(1, undefined);
  expect((await one.readers[0]?.points())?.['h']).toMatchObject([{ attributes: { of: 'x' }, value: { count: 2 } }]);
  expect((await other.readers[0]?.points())?.['h']).toMatchObject([{ attributes: { of: 'x' }, value: { count: 1 } }]);
  expect((await one.readers[0]?.points())?.['h']?.[0]?.value.buckets.boundaries).toEqual(SECONDS_BUCKETS);
});
