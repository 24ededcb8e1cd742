// Merges the metrics of several processes into those of one: counters and histograms are added up
// and never fall, also when a process ends; gauges get a label for their process.
import { emptyResource, type Resource } from '@opentelemetry/resources';
import type { MetricData, ResourceMetrics, ScopeMetrics } from '@opentelemetry/sdk-metrics';
import { warn } from '../../diagnose/diagnostics.js';
import { seriesKey } from '../../sdk/metrics/series-key.js';
import { MergedMetric } from './merged-metric.js';
import type { MergedSeries, ReportingProcess } from './merged-series.js';
import { fromWire, type MetricDescription, type Report, type SeriesDescription } from './report.js';

interface KnownSeries {
  readonly metric: MergedMetric;
  readonly series: MergedSeries;
}
export class MetricMerge {
  readonly #metrics = new Map<string, MergedMetric>();

  /** Adds a process. Its label may be that of one which has ended, or is about to. */
  add(label: string): MergedProcess {
    return new MergedProcess(label, this.#metrics);
  }

  get isEmpty(): boolean {
    return this.#metrics.size === 0;
  }

  toResourceMetrics(resource: Resource): ResourceMetrics {
    return this.#collect(resource, (metric) => metric.toMetricData());
  }

  /** Counters and histograms of the processes `included`, and of those that have ended. */
  toCounterSnapshot(included: ReadonlySet<MergedProcess>): ResourceMetrics {
    return this.#collect(emptyResource(), (metric) => (metric.isMonotonic ? metric.toMetricData(included) : undefined));
  }

  #collect(resource: Resource, read: (metric: MergedMetric) => MetricData | undefined): ResourceMetrics {
    const scopes = new Map<string, ScopeMetrics>();
    for (const metric of this.#metrics.values()) {
      const data = read(metric);
      if (data === undefined || data.dataPoints.length === 0) continue;
      const { scope } = metric.description;
      const key = scopeKey(scope);
      const known = scopes.get(key);
      if (known === undefined) scopes.set(key, { scope, metrics: [data] });
      else known.metrics.push(data);
    }
    return { resource, scopeMetrics: [...scopes.values()] };
  }
}

/** One process in the merge. */
export class MergedProcess implements ReportingProcess {
  readonly label: string;
  readonly #merged: Map<string, MergedMetric>;
  readonly #metrics = new Map<number, MergedMetric>();
  readonly #series = new Map<number, KnownSeries>();

  constructor(label: string, merged: Map<string, MergedMetric>) {
    this.label = label;
    this.#merged = merged;
  }

  /** @throws {TypeError} when a report is not made as this version makes them. */
  apply(report: Report): void {
    for (const description of report.metrics) this.#addMetric(description);
    for (const description of report.series) this.#addSeries(description);
    const reported = new Set<KnownSeries>();
    const exponentials = new Map(
      report.exponentials.map(([id, scale, zeroCount, offset, ...counts]) => [id, { scale, zeroCount, offset, counts }]),
    );
    for (const [id, ...values] of report.values) {
      const known = this.#series.get(id);
      if (known === undefined) continue;
      known.series.latest.set(this, { values: values.map(fromWire), exponential: exponentials.get(id) });
      reported.add(known);
    }
    // A gauge that is not reported any more is gone.
    for (const known of this.#series.values()) {
      if (!known.metric.isMonotonic && !reported.has(known)) known.series.latest.delete(this);
    }
    for (const [id, bucket, traceId, spanId, value, time] of report.exemplars) {
      this.#series.get(id)?.series.offerExemplar(bucket, { traceId, spanId, value, time });
    }
  }

  /** Removes the process. @param keep whether its counts stay in counters and histograms */
  retire(keep = true): void {
    for (const { metric, series } of this.#series.values()) metric.retire(series, this, keep);
    this.#series.clear();
  }

  #addMetric(description: MetricDescription): void {
    const { id, kind, scope, name, unit } = description;
    const key = [kind, scopeKey(scope), name, unit].join('\n');
    let metric = this.#merged.get(key);
    if (metric === undefined) {
      metric = new MergedMetric(description);
      this.#merged.set(key, metric);
    }
    if (metric.fits(description)) this.#metrics.set(id, metric);
    else warn('SIETCH023', `${name} of process ${this.label}`);
  }

  #addSeries({ id, metric: metricId, attributes }: SeriesDescription): void {
    const metric = this.#metrics.get(metricId);
    const series = metric?.series(seriesKey(attributes), attributes);
    if (metric === undefined || series === undefined || this.#series.has(id)) return;
    series.holders += 1;
    this.#series.set(id, { metric, series });
  }
}

function scopeKey({ name, version = '', schemaUrl = '' }: MetricDescription['scope']): string {
  return `${name}\n${version}\n${schemaUrl}`;
}
