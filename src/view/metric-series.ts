// One series of a metric over time: its last points and exemplars. Of counters and histograms it
// keeps what was added between two points, whichever temporality their sender has.

import { type ApiHistogram, type ApiPoint, MAX_LISTED } from './api.js';
import { boundedCounts, trimmed } from './exponential-buckets.js';
import type { Attributes, Exemplar, Metric, MetricPoint } from './telemetry.js';

/** Bytes of a point without the counts of its buckets. */
const POINT_BYTES = 120;
const SERIES_BYTES = 600;

interface Distribution {
  readonly bounds: readonly number[];
  readonly counts: readonly number[];
  readonly count: number;
  readonly sum: number;
}

export class MetricSeries {
  readonly service: string;
  readonly instance: string;
  readonly attributes: Attributes;
  points: ApiPoint[] = [];
  exemplars: Exemplar[] = [];
  /** Estimated size. */
  bytes: number;
  /** The last point as it was sent. */
  #last: MetricPoint | undefined;

  constructor(service: string, instance: string, attributes: Attributes) {
    this.service = service;
    this.instance = instance;
    this.attributes = attributes;
    this.bytes = SERIES_BYTES + JSON.stringify(attributes).length * 2;
  }

  add(metric: Pick<Metric, 'type' | 'temporality' | 'monotonic'>, point: MetricPoint): void {
    this.#addExemplars(point.exemplars);
    const last = this.#last;
    if (last !== undefined && point.timeUnixNano <= last.timeUnixNano) return;
    const made = makePoint(metric, point, last);
    this.#last = { ...point, exemplars: [] };
    if (made === undefined) return;
    this.points.push(made);
    this.bytes += bytesOf(made);
    if (this.points.length <= MAX_LISTED.points * 1.1) return;
    const dropped = this.points.splice(0, this.points.length - MAX_LISTED.points);
    for (const each of dropped) this.bytes -= bytesOf(each);
  }

  #addExemplars(exemplars: readonly Exemplar[]): void {
    const isKnown = (exemplar: Exemplar) =>
      this.exemplars.some((known) => known.spanId === exemplar.spanId && known.timeUnixNano === exemplar.timeUnixNano);
    const added = exemplars.filter((exemplar) => exemplar.traceId !== '' && !isKnown(exemplar));
    if (added.length > 0) this.exemplars = [...this.exemplars, ...added].slice(-MAX_LISTED.exemplars);
  }
}

function bytesOf({ histogram, quantiles = [] }: ApiPoint): number {
  return POINT_BYTES + (histogram === undefined ? 0 : histogram.counts.length * 16) + quantiles.length * 64;
}

function makePoint(
  { type, temporality, monotonic }: Pick<Metric, 'type' | 'temporality' | 'monotonic'>,
  point: MetricPoint,
  last: MetricPoint | undefined,
): ApiPoint | undefined {
  const t = point.timeUnixNano.toString();
  if (type === 'summary') {
    return { t, quantiles: (point.quantileValues ?? []).map(({ quantile, value }) => ({ quantile, value: finite(value) })) };
  }
  if (type === 'gauge' || (type === 'sum' && !monotonic)) return { t, value: finite(point.value ?? 0) };
  const before = temporality === 'DELTA' ? undefined : continued(point, last);
  const from = before?.timeUnixNano ?? point.startTimeUnixNano;
  // A sender that does not say since when it counts: only a second point says what was added.
  if (from <= 0n || from >= point.timeUnixNano) return undefined;
  const seconds = Number(point.timeUnixNano - from) / 1e9;
  if (type === 'sum') return { t, seconds, value: finite((point.value ?? 0) - (before?.value ?? 0)) };
  return { t, seconds, histogram: added(point, before) };
}

/** The point before, where this one counts on from it: not when the sender has started anew. */
function continued(point: MetricPoint, last: MetricPoint | undefined): MetricPoint | undefined {
  if (last === undefined || point.startTimeUnixNano > last.timeUnixNano) return undefined;
  const isSmaller = (point.value ?? 0) < (last.value ?? 0) || (point.count ?? 0) < (last.count ?? 0);
  return isSmaller || bucketCount(point) !== bucketCount(last) ? undefined : last;
}

function bucketCount({ scale, explicitBounds }: MetricPoint): number | undefined {
  return scale === undefined ? explicitBounds?.length : undefined;
}

function added(point: MetricPoint, before: MetricPoint | undefined): ApiHistogram {
  const all = distributionOf(point);
  const old = before && distributionOf(before);
  const counts = all.counts.map((count, index) => Math.max(0, count - (old?.counts[index] ?? 0)));
  const shown = point.scale === undefined ? { bounds: all.bounds, counts } : trimmed({ bounds: all.bounds, counts });
  return { ...shown, count: all.count - (old?.count ?? 0), sum: all.sum - (old?.sum ?? 0) };
}

function distributionOf(point: MetricPoint): Distribution {
  const { count = 0, sum = 0, explicitBounds = [], bucketCounts = [] } = point;
  if (point.scale !== undefined) return { ...boundedCounts(point), count, sum };
  return { bounds: explicitBounds, counts: bucketCounts, count, sum };
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
