// Exemplars: for each bucket of each series of each histogram, the last measurement made inside a sampled span. The SDK has code for them that it
// neither exports nor uses (sdk-metrics 2.12, build/src/exemplar), so they are kept here, beside its aggregations, and joined to them at a scrape.
import { type Attributes, type Context, context, TraceFlags, trace } from '@opentelemetry/api';
import type { InstrumentationScope } from '@opentelemetry/core';
import { type DataPoint, DataPointType, type Histogram, type ResourceMetrics } from '@opentelemetry/sdk-metrics';
import type { Exemplar } from './exemplar.js';
import { instrumentKey } from './series-key.js';
import { SeriesTable } from './series-table.js';

/** By index of the bucket. */
export type BucketExemplars = readonly (Exemplar | undefined)[];

/** Steps in the tree of one histogram: a series takes about as many as it has attributes. The SDK itself keeps 2000 series. */
const MAX_NODES = 10_000;
const MAX_HISTOGRAMS = 1_000;

/** The exemplars of one histogram. */
export class HistogramExemplars {
  #boundaries: readonly number[];
  #series = new SeriesTable<(Exemplar | undefined)[]>(MAX_NODES);

  constructor(boundaries: readonly number[]) {
    this.#boundaries = boundaries;
  }

  /** Called for every measurement. */
  offer(value: number, attributes: Attributes, measuredIn: Context | undefined): void {
    const span = trace.getSpanContext(measuredIn ?? context.active());
    if (span === undefined || (span.traceFlags & TraceFlags.SAMPLED) === 0 || !(value >= 0)) return;
    const buckets = this.#series.findOrAdd(attributes, createBuckets);
    if (buckets === undefined) return;
    buckets[bucketOf(value, this.#boundaries)] = { traceId: span.traceId, spanId: span.spanId, value, time: Date.now() };
  }

  /** The exemplars of one series. `boundaries` are those that the SDK aggregates by: if they are not the ones known here, it starts anew with them. */
  of(attributes: Attributes, boundaries: readonly number[]): BucketExemplars | undefined {
    if (boundaries !== this.#boundaries) {
      const same = boundaries.length === this.#boundaries.length && boundaries.every((bound, index) => bound === this.#boundaries[index]);
      this.#boundaries = boundaries;
      if (!same) this.#series = new SeriesTable(MAX_NODES);
    }
    return this.#series.find(attributes);
  }
}

/** The exemplars of a meter provider. */
export class ExemplarStore {
  readonly #histograms = new Map<string, HistogramExemplars>();

  /** For a histogram that is being created; the same one for the same instrument. */
  histogram(scope: InstrumentationScope, name: string, boundaries: readonly number[]): HistogramExemplars | undefined {
    const key = instrumentKey(scope, name);
    const known = this.#histograms.get(key);
    if (known !== undefined || this.#histograms.size >= MAX_HISTOGRAMS) return known;
    const made = new HistogramExemplars(boundaries);
    this.#histograms.set(key, made);
    return made;
  }

  /** Joins the exemplars to the points they belong to. */
  joinTo(metrics: ResourceMetrics): void {
    if (this.#histograms.size === 0) return;
    for (const { scope, metrics: ofScope } of metrics.scopeMetrics) {
      for (const metric of ofScope) {
        if (metric.dataPointType !== DataPointType.HISTOGRAM) continue;
        const kept = this.#histograms.get(instrumentKey(scope, metric.descriptor.name));
        if (kept === undefined) continue;
        for (const point of metric.dataPoints) setExemplars(point, kept.of(point.attributes, point.value.buckets.boundaries));
      }
    }
  }
}

const ofPoints = new WeakMap<DataPoint<Histogram>, BucketExemplars>();

/** Gives a point its exemplars; for metric producers, which bring points of their own. */
export function setExemplars(point: DataPoint<Histogram>, exemplars: BucketExemplars | undefined): void {
  if (exemplars !== undefined) ofPoints.set(point, exemplars);
}

export function exemplarsOf(point: DataPoint<Histogram>): BucketExemplars | undefined {
  return ofPoints.get(point);
}

function createBuckets(): (Exemplar | undefined)[] {
  return [];
}

function bucketOf(value: number, boundaries: readonly number[]): number {
  let index = 0;
  for (const bound of boundaries) {
    if (value <= bound) return index;
    index++;
  }
  return index;
}
