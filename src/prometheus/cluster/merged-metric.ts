// One metric of several processes.
import { type Attributes, type HrTime, ValueType } from '@opentelemetry/api';
import { AggregationTemporality, type DataPoint, DataPointType, type MetricData, type MetricDescriptor } from '@opentelemetry/sdk-metrics';
import { CounterPoint } from '../../sdk/metrics/counter-point.js';
import type { BucketExemplars } from '../../sdk/metrics/exemplar.js';
import { ExponentialSnapshot, HistogramSnapshot } from '../../sdk/metrics/histogram-snapshot.js';
import { MergedSeries, type ReportingProcess, type SeriesTotal } from './merged-series.js';
import type { MetricDescription } from './report.js';

/**
 * Series of one metric in all processes together; further ones are left out. The SDK keeps 2000 in
 * each process.
 */
const MAX_SERIES = 10_000;
const NO_TIME: HrTime = [0, 0];

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
    return this.description.kind !== 'sum' && this.description.kind !== 'gauge';
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
      case 'exponential histogram':
        return { ...base, dataPointType: DataPointType.EXPONENTIAL_HISTOGRAM, dataPoints: this.#exponentialPoints(only) };
      case 'gauge':
        return { ...base, dataPointType: DataPointType.GAUGE, dataPoints: this.#gaugePoints() };
      default:
        return { ...base, dataPointType: DataPointType.SUM, isMonotonic: kind === 'counter', dataPoints: this.#sumPoints(only) };
    }
  }

  #sumPoints(only: ReadonlySet<ReportingProcess> | undefined): DataPoint<number>[] {
    return this.#points((series) => {
      const total = series.total(only);
      if (total === undefined) return [];
      const point = pointOf(series.attributes, total.values[0] ?? Number.NaN);
      const [exemplar] = series.exemplars;
      return [exemplar === undefined ? point : new CounterPoint(point, exemplar)];
    });
  }

  #gaugePoints(): DataPoint<number>[] {
    return this.#points((series) => {
      // The later of two processes with the same label counts.
      const byLabel = new Map<string, number>();
      for (const [{ label }, { values }] of series.latest) byLabel.set(label, values[0] ?? Number.NaN);
      return [...byLabel].map(([label, value]) => pointOf(series.attributesOf(label), value));
    });
  }

  #histogramPoints(only: ReadonlySet<ReportingProcess> | undefined): DataPoint<HistogramSnapshot>[] {
    return this.#points((series) => {
      const total = series.total(only);
      return total === undefined ? [] : [pointOf(series.attributes, histogramOf(total, this.#boundaries, series.exemplars))];
    });
  }

  #exponentialPoints(only: ReadonlySet<ReportingProcess> | undefined): DataPoint<ExponentialSnapshot>[] {
    return this.#points((series) => {
      const total = series.total(only);
      const value = total && histogramOf(total, this.#boundaries, series.exemplars).exponential;
      return value === undefined ? [] : [pointOf(series.attributes, value)];
    });
  }

  #points<T>(pointsOf: (series: MergedSeries) => DataPoint<T>[]): DataPoint<T>[] {
    const points: DataPoint<T>[] = [];
    for (const series of this.#series.values()) points.push(...pointsOf(series));
    return points;
  }
}

function histogramOf({ values, exponential }: SeriesTotal, boundaries: number[], exemplars: BucketExemplars): HistogramSnapshot {
  const [sum = 0, ...counts] = values;
  const count = counts.reduce((all, each) => all + each, 0);
  const totals = { count, ...(!Number.isNaN(sum) && { sum }), exemplars };
  return new HistogramSnapshot({
    ...totals,
    buckets: { boundaries, counts },
    exponential: exponential === undefined ? undefined : new ExponentialSnapshot({ ...totals, ...exponential }),
  });
}

function pointOf<T>(attributes: Attributes, value: T): DataPoint<T> {
  return { startTime: NO_TIME, endTime: NO_TIME, attributes, value };
}
