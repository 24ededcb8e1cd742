// Exponential histograms of our storages are those of the SDK, beside explicit ones of other readers.
import type { Attributes } from '@opentelemetry/api';
import {
  type AggregationOption,
  AggregationTemporality,
  AggregationType,
  type DataPoint,
  type ExponentialHistogram,
  InMemoryMetricExporter,
  InstrumentType,
  MeterProvider,
  MetricReader,
} from '@opentelemetry/sdk-metrics';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ExponentialBuckets } from '../../../src/sdk/metrics/exponential-buckets.js';
import { MeterWatch } from '../../../src/sdk/metrics/meter-watch.js';
import { storageOf } from '../../../src/sdk/metrics/metric-storages.js';

const { CUMULATIVE, DELTA } = AggregationTemporality;
const EXPONENTIAL = { type: AggregationType.EXPONENTIAL_HISTOGRAM } as const;
const DEFAULT = { type: AggregationType.DEFAULT } as const;

class Reader extends MetricReader {
  constructor(temporality: AggregationTemporality, aggregation: AggregationOption) {
    const exporter = new InMemoryMetricExporter(temporality);
    super({
      aggregationTemporalitySelector: () => exporter.selectAggregationTemporality(InstrumentType.HISTOGRAM),
      aggregationSelector: () => aggregation,
    });
  }

  override async onForceFlush(): Promise<void> {}
  override async onShutdown(): Promise<void> {}

  async points(): Promise<DataPoint<ExponentialHistogram>[]> {
    const { resourceMetrics } = await this.collect();
    return resourceMetrics.scopeMetrics.flatMap((scope) =>
      scope.metrics.flatMap(({ dataPoints }) => dataPoints as DataPoint<ExponentialHistogram>[]),
    );
  }
}

function start(kinds: readonly (readonly [AggregationTemporality, AggregationOption])[], own = true) {
  const readers = kinds.map(([temporality, aggregation]) => new Reader(temporality, aggregation));
  const provider = new MeterProvider({ readers });
  if (own) new MeterWatch().setMeterProvider(provider);
  return { readers, meter: provider.getMeter('test') };
}

interface Compared {
  scale: number;
  buckets: (readonly [index: number, count: number])[];
  rest: unknown;
}

/** By attributes: without times, empty series and empty buckets. */
function compared(points: readonly DataPoint<ExponentialHistogram>[] = []): Map<string, Compared> {
  return new Map(
    points
      .filter(({ value }) => value.count > 0)
      .map(({ attributes, value }) => {
        const { positive, scale, zeroCount, count, min, max, sum, ...rest } = value;
        const buckets = (positive?.bucketCounts ?? []).map((each, index) => [index + (positive?.offset ?? 0), each] as const);
        const explicit = 'buckets' in rest ? rest.buckets : undefined;
        const compared = { scale: scale ?? 0, buckets, rest: { zeroCount, count, min, max, sum: sum?.toPrecision(12), explicit } };
        return [JSON.stringify(attributes), compared] as const;
      }),
  );
}

/** Counts at a scale that is coarser by so much. */
function coarser(buckets: Compared['buckets'], by: number): Map<number, number> {
  const counts = new Map<number, number>();
  for (const [index, count] of buckets) if (count > 0) counts.set(index >> by, (counts.get(index >> by) ?? 0) + count);
  return counts;
}

/** The SDK's scale may be coarser: it takes values of 0 for buckets of scale 0 when it merges them. */
function expectSame(own: Map<string, Compared>, sdk: Map<string, Compared>): void {
  expect([...own.keys()].sort()).toEqual([...sdk.keys()].sort());
  for (const [series, { scale, buckets, rest }] of own) {
    const theirs = sdk.get(series);
    const by = buckets.length === 0 ? 0 : scale - (theirs?.scale ?? 0);
    expect(by).toBeGreaterThanOrEqual(0);
    expect(rest).toEqual(theirs?.rest);
    expect(coarser(buckets, by)).toEqual(coarser(theirs?.buckets ?? [], 0));
  }
}

const anyValue = fc.oneof(
  fc.constantFrom(0, 1, 2, 4, 0.5, 1024, 5e-324, Number.MAX_VALUE / 1e10, 2 ** -1022, Number.NaN, -1),
  fc.double({ min: 0.001, max: 20, noNaN: true }),
  fc.double({ min: 0, max: 1e200, noNaN: true }),
);
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ value: anyValue, attributes: fc.constantFrom<Attributes[]>({}, { a: 1 }) }) },
  { weight: 1, arbitrary: fc.record({ collectBy: fc.constantFrom(0, 1, 2) }) },
);

test('whatever is measured, whoever collects and when: the values are those of the SDK', async () => {
  const kinds = [
    [CUMULATIVE, EXPONENTIAL],
    [DELTA, EXPONENTIAL],
    [CUMULATIVE, DEFAULT],
  ] as const;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
      const sides = [start(kinds), start(kinds, false)];
      const histograms = sides.map(({ meter }) => meter.createHistogram('h'));
      expect(histograms.map((histogram) => storageOf(histogram) !== undefined)).toEqual([true, false]);
      for (const each of [...steps, { collectBy: 0 }, { collectBy: 1 }, { collectBy: 2 }]) {
        if ('collectBy' in each) {
          const [own, sdk] = await Promise.all(sides.map(({ readers }) => readers[each.collectBy]?.points()));
          expectSame(compared(own), compared(sdk));
        } else for (const histogram of histograms) histogram.record(each.value, each.attributes);
      }
    }),
    { numRuns: 200 },
  );
});

test('buckets of two processes merged hold each value within its bounds, and never more than 160', () => {
  const positive = fc.double({ min: 1e-300, max: 1e300, noNaN: true });
  fc.assert(
    fc.property(fc.array(positive, { maxLength: 60 }), fc.array(positive, { maxLength: 60 }), (one, other) => {
      const [left, right, all] = [new ExponentialBuckets(), new ExponentialBuckets(), new ExponentialBuckets()];
      for (const value of one) left.add(value);
      for (const value of other) right.add(value);
      for (const each of [left, right, new ExponentialBuckets()]) all.merge(each.current);
      const { scale, offset, counts } = all.current;
      expect(counts.length).toBeLessThanOrEqual(160);
      expect(counts.reduce((sum, count) => sum + count, 0)).toBe(one.length + other.length);
      const sorted = [...one, ...other].sort((a, b) => a - b);
      let at = 0;
      for (const [position, count] of counts.entries()) {
        for (const value of sorted.slice(at, at + count)) {
          const power = Math.log2(value) * 2 ** scale;
          expect(power).toBeGreaterThanOrEqual((offset + position) * (1 - 1e-9 * Math.sign(offset + position)) - 1e-6);
          expect(power).toBeLessThanOrEqual((offset + position + 1) * (1 + 1e-9 * Math.sign(offset + position + 1)) + 1e-6);
        }
        at += count;
      }
    }),
    { numRuns: 200 },
  );
});
