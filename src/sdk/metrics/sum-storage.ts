// Metric storage of a counter or up-down counter.
import type { Attributes, Context, HrTime, SpanContext } from '@opentelemetry/api';
import { type AggregationTemporality, type DataPoint, DataPointType, InstrumentType, type SumMetricData } from '@opentelemetry/sdk-metrics';
import { CounterPoint } from './counter-point.js';
import type { ExemplarFilter } from './exemplar.js';
import { SampledExemplar } from './sampled-exemplar.js';
import { type Collector, type Descriptor, SeriesStorage, type StoredSeries } from './series-storage.js';

export class SumStorage extends SeriesStorage<number, SumSeries, SumMetricData> {
  readonly #isMonotonic: boolean;
  readonly #exemplars: ExemplarFilter;

  /** @param exemplars of a counter; up-down counters have none */
  constructor(descriptor: Descriptor, collectors: readonly Collector[], exemplars: ExemplarFilter) {
    const isMonotonic = descriptor.type === InstrumentType.COUNTER;
    super(descriptor, collectors, isMonotonic && exemplars !== 'always_off');
    this.#isMonotonic = isMonotonic;
    this.#exemplars = isMonotonic ? exemplars : 'always_off';
  }

  /** NaN and infinity would stay in the sum for ever. */
  override record(value: number, attributes: Attributes, context?: Context): void {
    if (Number.isFinite(value)) super.record(value, attributes, context);
  }

  protected override createSeries(attributes: Attributes, startTime: HrTime, readers: number): SumSeries {
    return new SumSeries(attributes, startTime, readers, this.#exemplars);
  }

  protected override createPoint(point: DataPoint<number>, series: SumSeries, reader: number, isDelta: boolean): DataPoint<number> {
    const exemplar = series.exemplar?.collect(reader, isDelta);
    return exemplar === undefined ? point : new CounterPoint(point, exemplar);
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
  readonly exemplar: SampledExemplar | undefined;
  /** By number of the reader; undefined when it has collected all. */
  readonly #sums: (number | undefined)[];

  constructor(attributes: Attributes, startTime: HrTime, readers: number, exemplars: ExemplarFilter) {
    this.attributes = attributes;
    this.startTime = startTime;
    this.exemplar = exemplars === 'always_off' ? undefined : new SampledExemplar(exemplars);
    this.#sums = new Array<number | undefined>(readers).fill(undefined);
  }

  /** The SDK drops negative values of counters, with a warning, before they get here. */
  record(value: number, span: SpanContext | undefined): void {
    const sums = this.#sums;
    for (let reader = 0; reader < sums.length; reader++) sums[reader] = (sums[reader] ?? 0) + value;
    if (this.exemplar !== undefined) this.exemplar.offer(value, span);
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
