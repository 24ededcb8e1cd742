// Writes the reports of one process for one receiver: what was described or has not changed is not
// repeated.
import type { Attributes } from '@opentelemetry/api';
import type { InstrumentationScope } from '@opentelemetry/core';
import {
  type DataPoint,
  DataPointType,
  type ExponentialHistogram,
  type Histogram,
  type MetricData,
  type ResourceMetrics,
} from '@opentelemetry/sdk-metrics';
import { exemplarOfPoint } from '../../sdk/metrics/counter-point.js';
import type { BucketExemplars } from '../../sdk/metrics/exemplar.js';
import { exemplarsOf, HistogramSnapshot } from '../../sdk/metrics/histogram-snapshot.js';
import { seriesKey } from '../../sdk/metrics/series-key.js';
import type { Kind, MetricDescription, Report, SeriesDescription, SeriesExemplar, SeriesExponential, SeriesValue } from './report.js';
import { toWire } from './report.js';

interface KnownMetric {
  readonly id: number;
  readonly kind: Kind;
  readonly series: Map<string, KnownSeries>;
  /** The SDK keeps one object for the life of a series: found by it, no key has to be made. */
  readonly byAttributes: WeakMap<Attributes, KnownSeries>;
}

interface KnownSeries {
  readonly id: number;
  /** Value of a counter, count of a histogram, as last reported. */
  reported: number | undefined;
  exemplarsReportedUpTo: number;
}

interface Draft extends Report {
  readonly metrics: MetricDescription[];
  readonly series: SeriesDescription[];
  readonly values: SeriesValue[];
  readonly exponentials: SeriesExponential[];
  readonly exemplars: SeriesExemplar[];
}

export class ReportWriter {
  readonly #metrics = new Map<string, KnownMetric>();
  #nextId = 1;

  write(collected: ResourceMetrics): Report {
    const draft: Draft = { metrics: [], series: [], values: [], exponentials: [], exemplars: [] };
    for (const { scope, metrics } of collected.scopeMetrics) {
      for (const metric of metrics) this.#add(draft, scope, metric);
    }
    return draft;
  }

  #add(draft: Draft, scope: InstrumentationScope, metric: MetricData): void {
    const known = this.#metric(draft, scope, metric);
    if (metric.dataPointType === DataPointType.HISTOGRAM || metric.dataPointType === DataPointType.EXPONENTIAL_HISTOGRAM) {
      for (const point of metric.dataPoints) addHistogram(draft, this.#series(draft, known, point.attributes), point);
      return;
    }
    for (const point of metric.dataPoints) {
      const series = this.#series(draft, known, point.attributes);
      if (known.kind === 'counter' && series.reported === point.value) continue;
      series.reported = point.value;
      draft.values.push([series.id, toWire(point.value)]);
      const exemplar = exemplarOfPoint(point);
      if (exemplar !== undefined) addExemplars(draft, series, [exemplar]);
    }
  }

  #metric(draft: Draft, scope: InstrumentationScope, metric: MetricData): KnownMetric {
    const kind = kindOf(metric);
    const { name, unit, description } = metric.descriptor;
    const key = [kind, scope.name, scope.version, scope.schemaUrl, name, unit].join('\n');
    let known = this.#metrics.get(key);
    if (known === undefined) {
      known = { id: this.#nextId++, kind, series: new Map(), byAttributes: new WeakMap() };
      this.#metrics.set(key, known);
      const { version, schemaUrl } = scope;
      draft.metrics.push({
        id: known.id,
        kind,
        scope: { name: scope.name, ...(version !== undefined && { version }), ...(schemaUrl !== undefined && { schemaUrl }) },
        name,
        unit,
        description,
        boundaries: metric.dataPointType === DataPointType.HISTOGRAM ? (metric.dataPoints[0]?.value.buckets.boundaries ?? []) : [],
      });
    }
    return known;
  }

  #series(draft: Draft, metric: KnownMetric, attributes: Attributes): KnownSeries {
    let series = metric.byAttributes.get(attributes);
    if (series !== undefined) return series;
    const key = seriesKey(attributes);
    series = metric.series.get(key);
    if (series === undefined) {
      series = { id: this.#nextId++, reported: undefined, exemplarsReportedUpTo: 0 };
      metric.series.set(key, series);
      draft.series.push({ id: series.id, metric: metric.id, attributes });
    }
    metric.byAttributes.set(attributes, series);
    return series;
  }
}

function addHistogram(draft: Draft, series: KnownSeries, { value }: DataPoint<Histogram | ExponentialHistogram>): void {
  const { count, sum } = value;
  if (series.reported === count) return;
  series.reported = count;
  // One bucket stands for the exponential ones, so that the values have the count.
  draft.values.push([series.id, toWire(sum ?? Number.NaN), ...('buckets' in value ? value.buckets.counts : [count])]);
  const exponential = 'positive' in value ? value : value instanceof HistogramSnapshot ? value.exponential : undefined;
  if (exponential !== undefined) {
    const { scale, zeroCount, positive } = exponential;
    draft.exponentials.push([series.id, scale, zeroCount, positive.offset, ...positive.bucketCounts]);
  }
  const exemplars = exemplarsOf(value);
  if (exemplars !== undefined) addExemplars(draft, series, exemplars);
}

function addExemplars(draft: Draft, series: KnownSeries, exemplars: BucketExemplars): void {
  const reportedUpTo = series.exemplarsReportedUpTo;
  exemplars.forEach((exemplar, bucket) => {
    if (exemplar === undefined || exemplar.time < reportedUpTo) return;
    const { traceId, spanId, value, time } = exemplar;
    draft.exemplars.push([series.id, bucket, traceId, spanId, value, time]);
    series.exemplarsReportedUpTo = Math.max(series.exemplarsReportedUpTo, time);
  });
}

function kindOf(metric: MetricData): Kind {
  if (metric.dataPointType === DataPointType.HISTOGRAM) return 'histogram';
  if (metric.dataPointType === DataPointType.EXPONENTIAL_HISTOGRAM) return 'exponential histogram';
  if (metric.dataPointType === DataPointType.GAUGE) return 'gauge';
  return metric.dataPointType === DataPointType.SUM && metric.isMonotonic ? 'counter' : 'sum';
}
