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
import { type BucketExemplars, type Exemplar, setExemplars } from '../exemplars.js';
import { ATTR_WORKER } from '../names.js';
import type { MetricDescription } from './report.js';

/** What one process last told of one series: `[value]`, or `[sum, count of each bucket…]`. */
export type Told = readonly number[];

/** Series of one metric, of all processes together: past it new ones are left out. The SDK keeps 2000 in each process. */
const MAX_SERIES = 10_000;
const NO_TIME: HrTime = [0, 0];

export class MergedSeries {
  readonly attributes: Attributes;
  /** By label of the process. */
  readonly told = new Map<string, Told>();
  /** What processes that have ended left of a counter or histogram. */
  #left: Told | undefined;
  readonly #attributesOf = new Map<string, Attributes>();
  readonly exemplars: (Exemplar | undefined)[] = [];

  constructor(attributes: Attributes) {
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

  /** `undefined` when no process has told anything. */
  total(): Told | undefined {
    let total = this.#left;
    for (const told of this.told.values()) total = total === undefined ? told : added(total, told);
    return total;
  }

  /** The process has ended: what it counted stays when `keep` is set. */
  retire(label: string, keep: boolean): void {
    const last = this.told.get(label);
    if (last === undefined) return;
    if (keep) this.#left = this.#left === undefined ? last : added(this.#left, last);
    this.told.delete(label);
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
      series = new MergedSeries(attributes);
      this.#series.set(key, series);
    }
    return series;
  }

  retire(label: string): void {
    for (const [key, series] of this.#series) {
      series.retire(label, this.isMonotonic);
      if (series.total() === undefined) this.#series.delete(key);
    }
  }

  toMetricData(): MetricData {
    const { kind } = this.description;
    const base = { descriptor: this.#descriptor, aggregationTemporality: AggregationTemporality.CUMULATIVE };
    switch (kind) {
      case 'histogram':
        return { ...base, dataPointType: DataPointType.HISTOGRAM, dataPoints: this.#histogramPoints() };
      case 'gauge':
        return { ...base, dataPointType: DataPointType.GAUGE, dataPoints: this.#gaugePoints() };
      default:
        return { ...base, dataPointType: DataPointType.SUM, isMonotonic: kind === 'counter', dataPoints: this.#sumPoints() };
    }
  }

  #sumPoints(): DataPoint<number>[] {
    return this.#points((series) => {
      const total = series.total();
      return total === undefined ? [] : [pointOf(series.attributes, total[0] ?? Number.NaN)];
    });
  }

  #gaugePoints(): DataPoint<number>[] {
    return this.#points((series) => [...series.told].map(([label, told]) => pointOf(series.attributesOf(label), told[0] ?? Number.NaN)));
  }

  #histogramPoints(): DataPoint<Histogram>[] {
    return this.#points((series) => {
      const total = series.total();
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
  const point = pointOf<Histogram>(attributes, { buckets: { boundaries, counts }, count, ...(!Number.isNaN(sum) && { sum }) });
  if (exemplars.length > 0) setExemplars(point, exemplars);
  return point;
}

function pointOf<T>(attributes: Attributes, value: T): DataPoint<T> {
  return { startTime: NO_TIME, endTime: NO_TIME, attributes, value };
}

function added(one: Told, other: Told): Told {
  return one.map((value, index) => value + (other[index] ?? 0));
}
