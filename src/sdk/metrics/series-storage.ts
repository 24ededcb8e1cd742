// Metric storage of a counter or histogram: its series, counted once for all readers. It replaces
// the SDK's own (sdk-metrics 2.12, state/SyncMetricStorage.ts), which count once for each reader,
// look a series up by a key and copy all of it at each collection.
import { type Attributes, type Context, type HrTime, type SpanContext, trace } from '@opentelemetry/api';
import { hrTime } from '@opentelemetry/core';
import { AggregationTemporality, type DataPoint, type InstrumentType, type MetricDescriptor } from '@opentelemetry/sdk-metrics';
import { activeContext } from '../../context/context-manager.js';
import { plainAttributes } from './measured-attributes.js';
import { OVERFLOW } from './overflow.js';
import { seriesKey } from './series-key.js';
import { SeriesTable } from './series-table.js';

/** The SDK's description of an instrument. */
export interface Descriptor extends MetricDescriptor {
  readonly type: InstrumentType;
}

/** The SDK's handle of a reader. */
export interface Collector {
  selectAggregationTemporality(type: InstrumentType): AggregationTemporality;
  selectCardinalityLimit(type: InstrumentType): number;
}

/** A series that measurements are recorded into. */
export interface MeasuredSeries {
  /**
   * @param value at least 0 for a histogram or counter; others are not counted
   * @param span the active span, for the exemplar
   */
  record(value: number, span: SpanContext | undefined): void;
}

/** One set of attributes, and what was measured under it. */
export interface StoredSeries<Value> extends MeasuredSeries {
  readonly attributes: Attributes;
  readonly startTime: HrTime;
  /** A bound instrument records into it without looking it up again: it must not be dropped. */
  isHeld: boolean;
  /** Whether each reader with delta temporality has collected all. */
  readonly isCollected: boolean;
  /**
   * The value for the reader of that number; undefined when nothing was measured.
   * @param isDelta since its last collection, not since the start
   */
  collect(reader: number, isDelta: boolean): Value | undefined;
}

interface Reader {
  readonly number: number;
  readonly temporality: AggregationTemporality;
  collectedAt: HrTime | undefined;
}

/**
 * Nodes of the tree that finds series, about one for each attribute of a series; past it each
 * measurement makes a key.
 */
const MAX_NODES = 10_000;
const OVERFLOW_KEY = seriesKey(OVERFLOW);

export abstract class SeriesStorage<Value, Series extends StoredSeries<Value>, Data> {
  #descriptor: Descriptor;
  readonly #keepsExemplars: boolean;
  readonly #readers: ReadonlyMap<Collector, Reader>;
  readonly #maxSeries: number;
  /**
   * All readers have delta temporality: a series that is not measured any more need not be kept.
   */
  readonly #dropsIdle: boolean;
  readonly #series = new Map<string, Series>();
  /** Texts and numbers of all series. */
  #values = new Set<unknown>();
  #overflowed: Series | undefined;
  #found = new SeriesTable<Series>(MAX_NODES);

  constructor(descriptor: Descriptor, collectors: readonly Collector[], keepsExemplars: boolean) {
    const { type } = descriptor;
    this.#descriptor = descriptor;
    this.#keepsExemplars = keepsExemplars;
    this.#readers = new Map(
      collectors.map((each, number) => [each, { number, temporality: each.selectAggregationTemporality(type), collectedAt: undefined }]),
    );
    this.#maxSeries = Math.min(...collectors.map((each) => each.selectCardinalityLimit(type)));
    this.#dropsIdle = [...this.#readers.values()].every(({ temporality }) => temporality === AggregationTemporality.DELTA);
  }

  protected abstract createSeries(attributes: Attributes, startTime: HrTime, readers: number): Series;
  protected abstract createData(
    descriptor: Descriptor,
    temporality: AggregationTemporality,
    points: DataPoint<Value>[],
    collector: Collector,
  ): Data;

  /** The point of a series for the reader of that number; a storage may add to it. */
  protected createPoint(point: DataPoint<Value>, _series: Series, _reader: number, _isDelta: boolean): DataPoint<Value> {
    return point;
  }

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

  /** The series for a bound instrument. */
  series(attributes: Attributes): MeasuredSeries {
    const series = this.#find(attributes);
    series.isHeld = true;
    return series;
  }

  /** Undefined when no series has a value. */
  collect(collector: Collector, time: HrTime): Data | undefined {
    const reader = this.#readers.get(collector);
    if (reader === undefined) return undefined;
    const { number, temporality, collectedAt } = reader;
    const isDelta = temporality === AggregationTemporality.DELTA;
    const points: DataPoint<Value>[] = [];
    for (const series of this.#series.values()) {
      const value = series.collect(number, isDelta);
      if (value === undefined) continue;
      const startTime = isDelta && collectedAt !== undefined ? later(series.startTime, collectedAt) : series.startTime;
      points.push(this.createPoint({ attributes: series.attributes, startTime, endTime: time, value }, series, number, isDelta));
    }
    reader.collectedAt = time;
    if (this.#dropsIdle) this.#dropIdle(points);
    return points.length === 0 ? undefined : this.createData(this.#descriptor, temporality, points, collector);
  }

  #find(attributes: Attributes): Series {
    const known = this.#found.find(attributes);
    if (known !== undefined) return known;
    // Names that never end pay for no key, and leave the table to those that come again.
    if (this.#isFull && this.#hasNewValue(attributes)) return this.#overflow();
    return this.#found.findOrAdd(attributes, this.#findByKey) ?? this.#findByKey(attributes);
  }

  get #isFull(): boolean {
    return this.#series.size >= this.#maxSeries - 1;
  }

  /** Whether they are of no series for sure. */
  #hasNewValue(attributes: Attributes): boolean {
    for (const name in attributes) {
      if (name !== '' && isPlain(attributes[name]) && !this.#values.has(attributes[name])) return true;
    }
    return false;
  }

  readonly #findByKey = (attributes: Attributes): Series => {
    const known = this.#series.get(seriesKey(attributes));
    if (known !== undefined) return known;
    const own = plainAttributes(attributes);
    const key = seriesKey(own);
    return this.#series.get(key) ?? (this.#isFull ? this.#overflow() : this.#add(key, own));
  };

  #overflow(): Series {
    this.#overflowed ??= this.#series.get(OVERFLOW_KEY) ?? this.#add(OVERFLOW_KEY, OVERFLOW);
    return this.#overflowed;
  }

  #add(key: string, attributes: Attributes): Series {
    const series = this.createSeries(attributes, hrTime(), this.#readers.size);
    this.#series.set(key, series);
    this.#noteValues(attributes);
    return series;
  }

  #noteValues(attributes: Attributes): void {
    for (const value of Object.values(attributes)) if (isPlain(value)) this.#values.add(value);
  }

  /**
   * Drops series that were not measured since the last collection: customer names that come and go
   * must not fill the table for ever.
   */
  #dropIdle(collected: readonly DataPoint<Value>[]): void {
    const active = new Set(collected.map(({ attributes }) => attributes));
    const before = this.#series.size;
    for (const [key, series] of this.#series) {
      if (!series.isHeld && series.isCollected && !active.has(series.attributes)) this.#series.delete(key);
    }
    if (this.#series.size === before) return;
    this.#found = new SeriesTable(MAX_NODES);
    this.#overflowed = undefined;
    this.#values = new Set();
    for (const { attributes } of this.#series.values()) this.#noteValues(attributes);
  }
}

/** Texts, and numbers that a key keeps apart. */
function isPlain(value: unknown): boolean {
  return typeof value === 'string' || Number.isFinite(value);
}

function later(one: HrTime, other: HrTime): HrTime {
  return one[0] > other[0] || (one[0] === other[0] && one[1] > other[1]) ? one : other;
}
