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

/** A process in the merge. Two may have the same label for a while, when one replaces the other. */
export interface ReportingProcess {
  readonly label: string;
}

/** The values of one series: `[value]`, or `[sum, count of each bucket…]` of a histogram. */
export type SeriesValues = readonly number[];

/**
 * Series of one metric in all processes together; further ones are left out. The SDK keeps 2000 in
 * each process.
 */
const MAX_SERIES = 10_000;
const NO_TIME: HrTime = [0, 0];

export class MergedSeries {
  readonly key: string;
  readonly attributes: Attributes;
  /**
   * Number of processes that have the series, also of those that report no value of it at present.
   */
  holders = 0;
  /** The latest values of each process. */
  readonly latest = new Map<ReportingProcess, SeriesValues>();
  /** Sum over the processes that have ended; counters and histograms only. */
  #ofEnded: SeriesValues | undefined;
  readonly #attributesOf = new Map<string, Attributes>();
  readonly exemplars: (Exemplar | undefined)[] = [];

  constructor(key: string, attributes: Attributes) {
    this.key = key;
    this.attributes = attributes;
  }

  /**
   * Attributes with the label of the process: one object for the life of the series, so that its
   * text is made once.
   */
  attributesOf(label: string): Attributes {
    let attributes = this.#attributesOf.get(label);
    if (attributes === undefined) {
      attributes = { ...this.attributes, [ATTR_WORKER]: label };
      this.#attributesOf.set(label, attributes);
    }
    return attributes;
  }

  /**
   * Sum over all processes, or over those that ended and `only`; `undefined` when none has reported
   * a value.
   */
  total(only?: ReadonlySet<ReportingProcess>): SeriesValues | undefined {
    let total = this.#ofEnded;
    for (const [process, values] of this.latest)
      if (only === undefined || only.has(process)) total = total === undefined ? values : added(total, values);
    return total;
  }

  /** Removes an ended process. @param keep whether its counts stay in the sum */
  retire(process: ReportingProcess, keep: boolean): void {
    const last = this.latest.get(process);
    if (last === undefined) return;
    if (keep) this.#ofEnded = this.#ofEnded === undefined ? last : added(this.#ofEnded, last);
    this.latest.delete(process);
  }

  offerExemplar(bucket: number, exemplar: Exemplar): void {
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

  /** Whether the bucket boundaries are the same: other histograms cannot be added. */
  fits({ boundaries }: MetricDescription): boolean {
    return boundaries.length === this.#boundaries.length && boundaries.every((bound, index) => bound === this.#boundaries[index]);
  }

  /** Whether the counts of an ended process stay. */
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

  /** Removes an ended process from a series. */
  retire(series: MergedSeries, process: ReportingProcess, keep: boolean): void {
    series.holders -= 1;
    series.retire(process, keep && this.isMonotonic);
    if (series.holders === 0 && series.total() === undefined) this.#series.delete(series.key);
  }

  /** @param only counters and histograms of ended processes and of these; by default of all */
  toMetricData(only?: ReadonlySet<ReportingProcess>): MetricData {
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

  #sumPoints(only: ReadonlySet<ReportingProcess> | undefined): DataPoint<number>[] {
    return this.#points((series) => {
      const total = series.total(only);
      return total === undefined ? [] : [pointOf(series.attributes, total[0] ?? Number.NaN)];
    });
  }

  #gaugePoints(): DataPoint<number>[] {
    return this.#points((series) => {
      // The later of two processes with the same label counts.
      const byLabel = new Map<string, number>();
      for (const [{ label }, [value = Number.NaN]] of series.latest) byLabel.set(label, value);
      return [...byLabel].map(([label, value]) => pointOf(series.attributesOf(label), value));
    });
  }

  #histogramPoints(only: ReadonlySet<ReportingProcess> | undefined): DataPoint<Histogram>[] {
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

function histogramPoint(attributes: Attributes, [sum = 0, ...counts]: SeriesValues, boundaries: number[], exemplars: BucketExemplars) {
  const count = counts.reduce((all, each) => all + each, 0);
  const value = { buckets: { boundaries, counts }, count, ...(!Number.isNaN(sum) && { sum }) };
  return new ExemplarPoint(attributes, [NO_TIME, NO_TIME], value, exemplars);
}

function pointOf<T>(attributes: Attributes, value: T): DataPoint<T> {
  return { startTime: NO_TIME, endTime: NO_TIME, attributes, value };
}

function added(one: SeriesValues, other: SeriesValues): SeriesValues {
  return one.map((value, index) => value + (other[index] ?? 0));
}
