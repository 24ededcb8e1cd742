// All series of a counter or histogram, counted once for all readers. Stands in the SDK in place of its storages (sdk-metrics 2.12,
// state/SyncMetricStorage.ts): one for each reader, which look the series up by a key and copy all of it at each collection.
import { type Attributes, type Context, type HrTime, type SpanContext, trace } from '@opentelemetry/api';
import { hrTime } from '@opentelemetry/core';
import { AggregationTemporality, type DataPoint, type InstrumentType, type MetricDescriptor } from '@opentelemetry/sdk-metrics';
import { activeContext } from '../../context/context-manager.js';
import { plainAttributes } from './measured-attributes.js';
import { OVERFLOW } from './overflow.js';
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

/** Where a measurement goes. */
export interface MeasuredSeries {
  /**
   * @param value of a histogram or counter at least 0; others are not counted
   * @param span the one that was measured, for the exemplar
   */
  record(value: number, span: SpanContext | undefined): void;
}

/** One set of attributes, and what was measured under it. */
export interface StoredSeries<Value> extends MeasuredSeries {
  readonly attributes: Attributes;
  readonly startTime: HrTime;
  /** Somebody records into it without asking for it again: it must not be forgotten. */
  isHeld: boolean;
  /** Whether each reader that is told changes has been told all. */
  readonly isTold: boolean;
  /**
   * What the reader of that number is to be told; undefined when there is nothing.
   * @param isChange since it was asked last, not since the start
   */
  tell(reader: number, isChange: boolean): Value | undefined;
}

interface Reader {
  readonly number: number;
  readonly temporality: AggregationTemporality;
  collectedAt: HrTime | undefined;
}

/** Steps in the tree that finds series, a series takes about as many as it has attributes; past it each measurement has its key made. */
const MAX_NODES = 10_000;

export abstract class SeriesStorage<Value, Series extends StoredSeries<Value>, Data> {
  #descriptor: Descriptor;
  readonly #keepsExemplars: boolean;
  readonly #readers: ReadonlyMap<Collector, Reader>;
  readonly #maxSeries: number;
  /** All readers are told changes only: what does not change any more need not be kept. */
  readonly #forgets: boolean;
  readonly #series = new Map<string, Series>();
  #found = new SeriesTable<Series>(MAX_NODES);

  constructor(descriptor: Descriptor, collectors: readonly Collector[], keepsExemplars: boolean) {
    const { type } = descriptor;
    this.#descriptor = descriptor;
    this.#keepsExemplars = keepsExemplars;
    this.#readers = new Map(
      collectors.map((each, number) => [each, { number, temporality: each.selectAggregationTemporality(type), collectedAt: undefined }]),
    );
    this.#maxSeries = Math.min(...collectors.map((each) => each.selectCardinalityLimit(type)));
    this.#forgets = [...this.#readers.values()].every(({ temporality }) => temporality === AggregationTemporality.DELTA);
  }

  protected abstract createSeries(attributes: Attributes, startTime: HrTime, readers: number): Series;
  protected abstract createPoint(series: Series, startTime: HrTime, endTime: HrTime, value: Value): DataPoint<Value>;
  protected abstract createData(descriptor: Descriptor, temporality: AggregationTemporality, points: DataPoint<Value>[]): Data;

  getInstrumentDescriptor(): Descriptor {
    return this.#descriptor;
  }

  updateDescription(description: string): void {
    this.#descriptor = { ...this.#descriptor, description };
  }

  /** A measurement by the metrics API. */
  record(value: number, attributes: Attributes, context?: Context): void {
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
  collect(collector: Collector, time: HrTime): Data | undefined {
    const reader = this.#readers.get(collector);
    if (reader === undefined) return undefined;
    const { number, temporality, collectedAt } = reader;
    const isChange = temporality === AggregationTemporality.DELTA;
    const points: DataPoint<Value>[] = [];
    for (const series of this.#series.values()) {
      const value = series.tell(number, isChange);
      if (value === undefined) continue;
      const startTime = isChange && collectedAt !== undefined ? later(series.startTime, collectedAt) : series.startTime;
      points.push(this.createPoint(series, startTime, time, value));
    }
    reader.collectedAt = time;
    if (this.#forgets) this.#forgetIdle(points);
    return points.length === 0 ? undefined : this.createData(this.#descriptor, temporality, points);
  }

  #find(attributes: Attributes): Series {
    return this.#found.findOrAdd(attributes, this.#findByKey) ?? this.#findByKey(attributes);
  }

  readonly #findByKey = (attributes: Attributes): Series => {
    const known = this.#series.get(seriesKey(attributes));
    if (known !== undefined) return known;
    const own = plainAttributes(attributes);
    const key = seriesKey(own);
    const isFull = this.#series.size >= this.#maxSeries - 1;
    return this.#series.get(key) ?? (isFull ? this.#overflow() : this.#add(key, own));
  };

  #overflow(): Series {
    const key = seriesKey(OVERFLOW);
    return this.#series.get(key) ?? this.#add(key, OVERFLOW);
  }

  #add(key: string, attributes: Attributes): Series {
    const series = this.createSeries(attributes, hrTime(), this.#readers.size);
    this.#series.set(key, series);
    return series;
  }

  /** Series that were not measured since the collection before this one: names of customers that come and go must not fill the table for ever. */
  #forgetIdle(told: readonly DataPoint<Value>[]): void {
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
