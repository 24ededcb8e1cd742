// Metric storage of a histogram.
import type { Attributes, Context, HrTime } from '@opentelemetry/api';
import {
  type AggregationTemporality,
  type DataPoint,
  DataPointType,
  type Histogram,
  type HistogramMetricData,
} from '@opentelemetry/sdk-metrics';
import { ExemplarPoint } from './exemplar.js';
import { HistogramSeries } from './histogram-series.js';
import { type Collector, type Descriptor, SeriesStorage } from './series-storage.js';

export class HistogramStorage extends SeriesStorage<Histogram, HistogramSeries, HistogramMetricData> {
  readonly #boundaries: number[];
  readonly #keepsExemplars: boolean;

  /** @param boundaries ascending */
  constructor(descriptor: Descriptor, boundaries: number[], collectors: readonly Collector[], keepsExemplars: boolean) {
    super(descriptor, collectors, keepsExemplars);
    this.#boundaries = boundaries;
    this.#keepsExemplars = keepsExemplars;
  }

  override record(value: number, attributes: Attributes, context?: Context): void {
    // Infinity would stay in the sum for ever.
    if (value >= 0 && value < Number.POSITIVE_INFINITY) super.record(value, attributes, context);
  }

  protected override createSeries(attributes: Attributes, startTime: HrTime, readers: number): HistogramSeries {
    return new HistogramSeries(attributes, startTime, this.#boundaries, readers, this.#keepsExemplars);
  }

  protected override createPoint(series: HistogramSeries, startTime: HrTime, endTime: HrTime, value: Histogram): DataPoint<Histogram> {
    return new ExemplarPoint(series.attributes, [startTime, endTime], value, series.exemplars);
  }

  protected override createData(
    descriptor: Descriptor,
    aggregationTemporality: AggregationTemporality,
    dataPoints: DataPoint<Histogram>[],
  ): HistogramMetricData {
    return { descriptor, aggregationTemporality, dataPointType: DataPointType.HISTOGRAM, dataPoints };
  }
}
