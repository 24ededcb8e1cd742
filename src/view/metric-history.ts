// The metrics received over time, by name and series. Bounded in series and bytes: the series that
// has not grown for longest is dropped first.

import { type ApiSeries, MAX_LISTED, type MetricSummary } from './api.js';
import { MetricSeries } from './metric-series.js';
import type { Attributes, AttributeValue, Metric, MetricPoint } from './telemetry.js';

export interface MetricHistoryLimits {
  readonly maxSeries: number;
  readonly maxBytes: number;
}

interface KnownMetric {
  readonly name: string;
  readonly description: string;
  readonly unit: string;
  readonly type: Metric['type'];
  readonly monotonic: boolean;
  readonly series: Map<string, MetricSeries>;
}

interface Kept {
  readonly metric: KnownMetric;
  readonly key: string;
}

/** A tenth more than needed is dropped. */
const KEPT_SHARE = 0.9;

export class MetricHistory {
  readonly #limits: MetricHistoryLimits;
  readonly #metrics = new Map<string, KnownMetric>();
  /** Ordered by last point: the first has not grown for longest. */
  readonly #order = new Map<MetricSeries, Kept>();
  #bytes = 0;
  #dropped = 0;

  constructor(limits: MetricHistoryLimits) {
    this.#limits = limits;
  }

  get counts(): { readonly series: number; readonly metricPoints: number; readonly droppedSeries: number; readonly bytes: number } {
    let metricPoints = 0;
    for (const series of this.#order.keys()) metricPoints += series.points.length;
    return { series: this.#order.size, metricPoints, droppedSeries: this.#dropped, bytes: this.#bytes };
  }

  add(metrics: readonly Metric[]): void {
    for (const metric of metrics) {
      const known = this.#known(metric);
      for (const point of metric.points) this.#addPoint(known, metric, point);
    }
    if (!this.#isWithin(1)) this.#dropOldest();
  }

  clear(): void {
    this.#metrics.clear();
    this.#order.clear();
    this.#bytes = 0;
  }

  /** By name. */
  summaries(): MetricSummary[] {
    const summaries = [...this.#metrics.values()].map(({ series, ...metric }) => ({
      ...metric,
      services: [...new Set([...series.values()].map(({ service }) => service))].sort(),
      series: series.size,
    }));
    return summaries.sort((left, right) => (left.name < right.name ? -1 : 1));
  }

  /** All series of this name, as far as they are of the service. */
  series(name: string, service?: string): MetricSeries[] {
    const all = [...(this.#metrics.get(name)?.series.values() ?? [])];
    return service === undefined ? all : all.filter((each) => each.service === service);
  }

  /** Names and units that differ only in case or unit would not be told apart on a page: the first wins. */
  #known(metric: Metric): KnownMetric {
    const known = this.#metrics.get(metric.name);
    if (known !== undefined && known.type === metric.type) return known;
    if (known !== undefined) this.#forget(known);
    const { name, description, unit, type, monotonic } = metric;
    const made = { name, description, unit, type, monotonic, series: new Map<string, MetricSeries>() };
    this.#metrics.set(name, made);
    return made;
  }

  #addPoint(known: KnownMetric, metric: Metric, point: MetricPoint): void {
    const instance = textOf(metric.resource['service.instance.id']);
    const key = JSON.stringify([metric.service, instance, ...sorted(point.attributes)]);
    const series = known.series.get(key) ?? new MetricSeries(metric.service, instance, point.attributes);
    const before = known.series.has(key) ? series.bytes : 0;
    series.add(metric, point);
    known.series.set(key, series);
    this.#bytes += series.bytes - before;
    this.#order.delete(series);
    this.#order.set(series, { metric: known, key });
  }

  #isWithin(share: number): boolean {
    return this.#order.size <= this.#limits.maxSeries * share && this.#bytes <= this.#limits.maxBytes * share;
  }

  #dropOldest(): void {
    for (const series of this.#order.keys()) {
      if (this.#isWithin(KEPT_SHARE)) return;
      this.#drop(series);
    }
  }

  #forget({ series }: KnownMetric): void {
    for (const each of series.values()) this.#drop(each);
  }

  #drop(series: MetricSeries): void {
    const kept = this.#order.get(series);
    this.#order.delete(series);
    this.#bytes -= series.bytes;
    this.#dropped++;
    kept?.metric.series.delete(kept.key);
    if (kept?.metric.series.size === 0) this.#metrics.delete(kept.metric.name);
  }
}

function sorted(attributes: Attributes): [string, AttributeValue][] {
  return Object.entries(attributes).sort(([left], [right]) => (left < right ? -1 : 1));
}

function textOf(value: AttributeValue | undefined): string {
  return typeof value === 'string' ? value : '';
}

/** @param isKnown whether a trace is in the store */
export function apiSeries(
  { service, instance, attributes, points, exemplars }: MetricSeries,
  isKnown: (traceId: string) => boolean,
): ApiSeries {
  return {
    service,
    instance,
    attributes,
    points: points.slice(-MAX_LISTED.points),
    exemplars: exemplars.map(({ timeUnixNano, value, traceId, spanId }) => ({
      t: timeUnixNano.toString(),
      value,
      traceId,
      spanId,
      known: isKnown(traceId),
    })),
  };
}
