// All series of a histogram, counted once for all readers. Stands in the SDK in place of its storages (sdk-metrics 2.12, state/SyncMetricStorage.ts): one
// for each reader, which look the series up by a key and copy all of it at each collection.
import { type Attributes, type Context, type HrTime, trace } from '@opentelemetry/api';
import { hrTime } from '@opentelemetry/core';
import {
  AggregationTemporality,
  type DataPoint,
  DataPointType,
  type Histogram,
  type HistogramMetricData,
  type InstrumentType,
  type MetricDescriptor,
} from '@opentelemetry/sdk-metrics';
import { activeContext } from '../context/context-manager.js';
import { ExemplarPoint } from './exemplar.js';
import { HistogramSeries, type MeasuredSeries } from './histogram-series.js';
import { seriesKey } from './series-key.js';
import { SeriesTable } from './series-table.js';

/** What the SDK knows of an instrument. */
export interface Descriptor extends MetricDescriptor {
  readonly type: InstrumentType;
}

/** The SDK's handle of a reader. */
export interface Collector {
  selectAggregationTemporality(type: InstrumentType): AggregationTemporality;
  selectCardinalityLimit(type: InstrumentType): number;
}

interface Reader {
  readonly number: number;
  readonly temporality: AggregationTemporality;
  collectedAt: HrTime | undefined;
}

/** Steps in the tree that finds series, a series takes about as many as it has attributes; past it each measurement has its key made. */
const MAX_NODES = 10_000;
/** As the specification has it ("Overflow attribute"). */
const OVERFLOW: Attributes = { 'otel.metric.overflow': true };

export class HistogramStorage {
  #descriptor: Descriptor;
  readonly #boundaries: number[];
  readonly #keepsExemplars: boolean;
  readonly #readers: ReadonlyMap<Collector, Reader>;
  readonly #maxSeries: number;
  /** All readers are told changes only: what does not change any more need not be kept. */
  readonly #forgets: boolean;
  readonly #series = new Map<string, HistogramSeries>();
  #found = new SeriesTable<HistogramSeries>(MAX_NODES);

  constructor(descriptor: Descriptor, boundaries: number[], collectors: readonly Collector[], keepsExemplars: boolean) {
    const { type } = descriptor;
    this.#descriptor = descriptor;
    this.#boundaries = boundaries;
    this.#keepsExemplars = keepsExemplars;
    this.#readers = new Map(
      collectors.map((each, number) => [each, { number, temporality: each.selectAggregationTemporality(type), collectedAt: undefined }]),
    );
    this.#maxSeries = Math.min(...collectors.map((each) => each.selectCardinalityLimit(type)));
    this.#forgets = [...this.#readers.values()].every(({ temporality }) => temporality === AggregationTemporality.DELTA);
  }

  getInstrumentDescriptor(): Descriptor {
    return this.#descriptor;
  }

  updateDescription(description: string): void {
    this.#descriptor = { ...this.#descriptor, description };
  }

  /** A measurement by the metrics API. */
  record(value: number, attributes: Attributes, context?: Context): void {
    if (!(value >= 0)) return;
    const span = this.#keepsExemplars ? trace.getSpanContext(context ?? activeContext()) : undefined;
    this.#find(attributes).record(value, span);
  }

  /** For who records into the same series again and again. */
  series(attributes: Attributes): MeasuredSeries {
    const series = this.#find(attributes);
    series.isHeld = true;
    return series;
  }

  /** Undefined when there is nothing to tell. */
  collect(collector: Collector, time: HrTime): HistogramMetricData | undefined {
    const reader = this.#readers.get(collector);
    if (reader === undefined) return undefined;
    const { number, temporality, collectedAt } = reader;
    const isDelta = temporality === AggregationTemporality.DELTA;
    const dataPoints: DataPoint<Histogram>[] = [];
    for (const series of this.#series.values()) {
      const tally = series.tally(number);
      if (tally === undefined || tally.count === 0) continue;
      const startTime = isDelta && collectedAt !== undefined ? later(series.startTime, collectedAt) : series.startTime;
      dataPoints.push(new ExemplarPoint(series.attributes, [startTime, time], tally.value, series.exemplars));
      if (isDelta) tally.clear();
    }
    reader.collectedAt = time;
    if (this.#forgets) this.#forgetIdle(dataPoints);
    if (dataPoints.length === 0) return undefined;
    return { descriptor: this.#descriptor, aggregationTemporality: temporality, dataPointType: DataPointType.HISTOGRAM, dataPoints };
  }

  #find(attributes: Attributes): HistogramSeries {
    return this.#found.findOrAdd(attributes, this.#findByKey) ?? this.#findByKey(attributes);
  }

  readonly #findByKey = (attributes: Attributes): HistogramSeries => {
    const key = seriesKey(attributes);
    const known = this.#series.get(key);
    if (known !== undefined) return known;
    const isFull = this.#series.size >= this.#maxSeries - 1;
    return isFull ? this.#overflow() : this.#add(key, { ...attributes });
  };

  #overflow(): HistogramSeries {
    const key = seriesKey(OVERFLOW);
    return this.#series.get(key) ?? this.#add(key, OVERFLOW);
  }

  #add(key: string, attributes: Attributes): HistogramSeries {
    const series = new HistogramSeries(attributes, hrTime(), this.#boundaries, this.#readers.size, this.#keepsExemplars);
    this.#series.set(key, series);
    return series;
  }

  /** Series that were not measured since the collection before this one: names of customers that come and go must not fill the table for ever. */
  #forgetIdle(told: readonly DataPoint<Histogram>[]): void {
    const active = new Set(told.map(({ attributes }) => attributes));
    const before = this.#series.size;
    for (const [key, series] of this.#series) {
      if (!series.isHeld && series.isTold && !active.has(series.attributes)) this.#series.delete(key);
    }
    if (this.#series.size < before) this.#found = new SeriesTable(MAX_NODES);
  }
}

function later(one: HrTime, other: HrTime): HrTime {
  return one[0] > other[0] || (one[0] === other[0] && one[1] > other[1]) ? one : other;
}
