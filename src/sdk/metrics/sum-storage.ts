// Metric storage of a counter or up-down counter.
import type { Attributes, Context, HrTime } from '@opentelemetry/api';
import { type AggregationTemporality, type DataPoint, DataPointType, InstrumentType, type SumMetricData } from '@opentelemetry/sdk-metrics';
import { type Collector, type Descriptor, SeriesStorage, type StoredSeries } from './series-storage.js';

export class SumStorage extends SeriesStorage<number, SumSeries, SumMetricData> {
  readonly #isMonotonic: boolean;

  constructor(descriptor: Descriptor, collectors: readonly Collector[]) {
    super(descriptor, collectors, false);
    this.#isMonotonic = descriptor.type === InstrumentType.COUNTER;
  }

  /** NaN and infinity would stay in the sum for ever. */
  override record(value: number, attributes: Attributes, context?: Context): void {
    if (Number.isFinite(value)) super.record(value, attributes, context);
  }

  protected override createSeries(attributes: Attributes, startTime: HrTime, readers: number): SumSeries {
    return new SumSeries(attributes, startTime, readers);
  }

  protected override createData(
    descriptor: Descriptor,
    aggregationTemporality: AggregationTemporality,
    dataPoints: DataPoint<number>[],
  ): SumMetricData {
    return { descriptor, aggregationTemporality, dataPointType: DataPointType.SUM, dataPoints, isMonotonic: this.#isMonotonic };
  }
}

class SumSeries implements StoredSeries<number> {
  readonly attributes: Attributes;
  readonly startTime: HrTime;
  isHeld = false;
  /** By number of the reader; undefined when it has collected all. */
  readonly #sums: (number | undefined)[];

  constructor(attributes: Attributes, startTime: HrTime, readers: number) {
    this.attributes = attributes;
    this.startTime = startTime;
    this.#sums = new Array<number | undefined>(readers).fill(undefined);
  }

  /** The SDK drops negative values of counters, with a warning, before they get here. */
  record(value: number): void {
    const sums = this.#sums;
    for (let reader = 0; reader < sums.length; reader++) sums[reader] = (sums[reader] ?? 0) + value;
  }

  collect(reader: number, isDelta: boolean): number | undefined {
    const sum = this.#sums[reader];
    if (isDelta) this.#sums[reader] = undefined;
    return sum;
  }

  get isCollected(): boolean {
    return this.#sums.every((sum) => sum === undefined);
  }
}
