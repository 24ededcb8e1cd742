// One metric of several processes, and its series.
import { type Attributes, type HrTime, ValueType } from '@opentelemetry/api';
import {
  AggregationTemporality,
  type DataPoint,
  DataPointType,
  type Histogram,
  type MetricData,
  type MetricDescriptor,
} from '@opentelemetry/sdk-metrics';
import { type BucketExemplars, type Exemplar, ExemplarPoint } from '../../sdk/metrics/exemplar.js';
import { ATTR_WORKER } from '../names.js';
import type { MetricDescription } from './report.js';

/** A process in the merge. Two may be called the same for a while, when one is replaced. */
export interface Teller {
  readonly label: string;
}

/** What one process last told of one series: `[value]`, or `[sum, count of each bucket…]`. */
export type Told = readonly number[];

/** Series of one metric, of all processes together: past it new ones are left out. The SDK keeps 2000 in each process. */
const MAX_SERIES = 10_000;
const NO_TIME: HrTime = [0, 0];

export class MergedSeries {
  readonly key: string;
  readonly attributes: Attributes;
  /** Processes that have it, whether or not they tell a value of it at present. */
  holders = 0;
  readonly told = new Map<Teller, Told>();
  /** What processes that have ended left of a counter or histogram. */
  #left: Told | undefined;
  readonly #attributesOf = new Map<string, Attributes>();
  readonly exemplars: (Exemplar | undefined)[] = [];

  constructor(key: string, attributes: Attributes) {
    this.key = key;
    this.attributes = attributes;
  }

  /** With the label of the process: the same object for the life of the series, as the exposition likes it. */
  attributesOf(label: string): Attributes {
    let attributes = this.#attributesOf.get(label);
    if (attributes === undefined) {
      attributes = { ...this.attributes, [ATTR_WORKER]: label };
      this.#attributesOf.set(label, attributes);
    }
    return attributes;
  }

  /** Of all processes, or of those that ended and `only`; `undefined` when none has told anything. */
  total(only?: ReadonlySet<Teller>): Told | undefined {
    let total = this.#left;
    for (const [teller, told] of this.told)
      if (only === undefined || only.has(teller)) total = total === undefined ? told : added(total, told);
    return total;
  }

  /** The process has ended: what it counted stays when `keep` is set. */
  retire(teller: Teller, keep: boolean): void {
    const last = this.told.get(teller);
    if (last === undefined) return;
    if (keep) this.#left = this.#left === undefined ? last : added(this.#left, last);
    this.told.delete(teller);
  }

  offer(bucket: number, exemplar: Exemplar): void {
    const known = this.exemplars[bucket];
    if (known === undefined || known.time <= exemplar.time) this.exemplars[bucket] = exemplar;
  }
}

export class MergedMetric {
  readonly description: MetricDescription;
  readonly #series = new Map<string, MergedSeries>();
  readonly #boundaries: number[];
  readonly #descriptor: MetricDescriptor;

  constructor(description: MetricDescription) {
    this.description = description;
    this.#boundaries = [...description.boundaries];
    const { name, unit } = description;
    this.#descriptor = { name, unit, description: description.description, valueType: ValueType.DOUBLE };
  }

  /** Histograms of other buckets cannot be added. */
  fits({ boundaries }: MetricDescription): boolean {
    return boundaries.length === this.#boundaries.length && boundaries.every((bound, index) => bound === this.#boundaries[index]);
  }

  /** Whether what an ended process counted still counts. */
  get isMonotonic(): boolean {
    return this.description.kind === 'counter' || this.description.kind === 'histogram';
  }

  series(key: string, attributes: Attributes): MergedSeries | undefined {
    let series = this.#series.get(key);
    if (series === undefined && this.#series.size < MAX_SERIES) {
      series = new MergedSeries(key, attributes);
      this.#series.set(key, series);
    }
    return series;
  }

  /** Of a process that has ended. */
  retire(series: MergedSeries, teller: Teller, keep: boolean): void {
    series.holders -= 1;
    series.retire(teller, keep && this.isMonotonic);
    if (series.holders === 0 && series.total() === undefined) this.#series.delete(series.key);
  }

  /** @param only counters and histograms of nobody but those that ended and these */
  toMetricData(only?: ReadonlySet<Teller>): MetricData {
    const { kind } = this.description;
    const base = { descriptor: this.#descriptor, aggregationTemporality: AggregationTemporality.CUMULATIVE };
    switch (kind) {
      case 'histogram':
        return { ...base, dataPointType: DataPointType.HISTOGRAM, dataPoints: this.#histogramPoints(only) };
      case 'gauge':
        return { ...base, dataPointType: DataPointType.GAUGE, dataPoints: this.#gaugePoints() };
      default:
        return { ...base, dataPointType: DataPointType.SUM, isMonotonic: kind === 'counter', dataPoints: this.#sumPoints(only) };
    }
  }

  #sumPoints(only: ReadonlySet<Teller> | undefined): DataPoint<number>[] {
    return this.#points((series) => {
      const total = series.total(only);
      return total === undefined ? [] : [pointOf(series.attributes, total[0] ?? Number.NaN)];
    });
  }

  #gaugePoints(): DataPoint<number>[] {
    return this.#points((series) => {
      // Of two that are called the same the later one counts.
      const values = new Map<string, number>();
      for (const [{ label }, told] of series.told) values.set(label, told[0] ?? Number.NaN);
      return [...values].map(([label, value]) => pointOf(series.attributesOf(label), value));
    });
  }

  #histogramPoints(only: ReadonlySet<Teller> | undefined): DataPoint<Histogram>[] {
    return this.#points((series) => {
      const total = series.total(only);
      return total === undefined ? [] : [histogramPoint(series.attributes, total, this.#boundaries, series.exemplars)];
    });
  }

  #points<T>(pointsOf: (series: MergedSeries) => DataPoint<T>[]): DataPoint<T>[] {
    const points: DataPoint<T>[] = [];
    for (const series of this.#series.values()) points.push(...pointsOf(series));
    return points;
  }
}

function histogramPoint(attributes: Attributes, [sum = 0, ...counts]: Told, boundaries: number[], exemplars: BucketExemplars) {
  const count = counts.reduce((all, each) => all + each, 0);
  const value = { buckets: { boundaries, counts }, count, ...(!Number.isNaN(sum) && { sum }) };
  return new ExemplarPoint(attributes, [NO_TIME, NO_TIME], value, exemplars);
}

function pointOf<T>(attributes: Attributes, value: T): DataPoint<T> {
  return { startTime: NO_TIME, endTime: NO_TIME, attributes, value };
}

function added(one: Told, other: Told): Told {
  return one.map((value, index) => value + (other[index] ?? 0));
}
