// Metric storage of a histogram: each reader collects the aggregation that it has chosen.
import type { Attributes, Context, HrTime } from '@opentelemetry/api';
import {
  type AggregationTemporality,
  type DataPoint,
  DataPointType,
  type ExponentialHistogramMetricData,
  type HistogramMetricData,
} from '@opentelemetry/sdk-metrics';
import { type HistogramCounting, HistogramSeries } from './histogram-series.js';
import type { HistogramSnapshot } from './histogram-snapshot.js';
import { type Collector, type Descriptor, SeriesStorage } from './series-storage.js';

export type HistogramData = HistogramMetricData | ExponentialHistogramMetricData;

/** The buckets that are counted, and which readers collect which. */
export interface HistogramPlan extends HistogramCounting {
  /** Ascending. */
  readonly boundaries: number[];
  /** The readers that collect exponential buckets; the others collect explicit ones. */
  readonly exponentialFor: ReadonlySet<Collector>;
}

export class HistogramStorage extends SeriesStorage<HistogramSnapshot, HistogramSeries, HistogramData> {
  readonly #plan: HistogramPlan;

  constructor(descriptor: Descriptor, collectors: readonly Collector[], plan: HistogramPlan) {
    super(descriptor, collectors, plan.exemplars !== 'always_off');
    this.#plan = plan;
  }

  override record(value: number, attributes: Attributes, context?: Context): void {
    // Infinity would stay in the sum for ever.
    if (value >= 0 && value < Number.POSITIVE_INFINITY) super.record(value, attributes, context);
  }

  protected override createSeries(attributes: Attributes, startTime: HrTime, readers: number): HistogramSeries {
    return new HistogramSeries(attributes, startTime, this.#plan.boundaries, readers, this.#plan);
  }

  protected override createData(
    descriptor: Descriptor,
    aggregationTemporality: AggregationTemporality,
    dataPoints: DataPoint<HistogramSnapshot>[],
    collector: Collector,
  ): HistogramData {
    const base = { descriptor, aggregationTemporality };
    if (!this.#plan.exponentialFor.has(collector)) return { ...base, dataPointType: DataPointType.HISTOGRAM, dataPoints };
    const exponential = dataPoints.flatMap((point) => {
      const value = point.value.exponential;
      return value === undefined ? [] : [{ ...point, value }];
    });
    return { ...base, dataPointType: DataPointType.EXPONENTIAL_HISTOGRAM, dataPoints: exponential };
  }
}
