// Adds exemplars to the JSON form of metrics, which upstream's serializer leaves out
// (otlp-transformer 0.223, opentelemetry-js#5147). Its points are in the order of ours.
import { DataPointType, type MetricData, type ResourceMetrics } from '@opentelemetry/sdk-metrics';
import { propertyOf } from '../context/api-misuse.js';
import { exemplarOfPoint } from '../sdk/metrics/counter-point.js';
import type { BucketExemplars, Exemplar } from '../sdk/metrics/exemplar.js';
import { exemplarsOf } from '../sdk/metrics/histogram-snapshot.js';

/** Returns the same bytes where there are no exemplars. */
export function withJsonExemplars(encoded: Uint8Array, { scopeMetrics }: ResourceMetrics): Uint8Array {
  const all = scopeMetrics.map(({ metrics }) => metrics.map(exemplarsOfMetric));
  if (!all.flat(2).some((exemplars) => exemplars !== undefined)) return encoded;
  const request: unknown = JSON.parse(new TextDecoder().decode(encoded));
  const scopes = propertyOf(itemsOf(request, 'resourceMetrics')[0], 'scopeMetrics');
  for (const [scope, ofScope] of all.entries()) {
    for (const [metric, ofMetric] of ofScope.entries()) {
      const written = itemsOf(propertyOf(scopes, String(scope)), 'metrics')[metric];
      const data = ['histogram', 'exponentialHistogram', 'sum'].map((name) => propertyOf(written, name)).find((each) => each !== undefined);
      const points = itemsOf(data, 'dataPoints');
      for (const [point, exemplars] of ofMetric.entries()) if (exemplars !== undefined) addTo(points[point], exemplars);
    }
  }
  return new TextEncoder().encode(JSON.stringify(request));
}

/** By point. */
function exemplarsOfMetric(metric: MetricData): (BucketExemplars | undefined)[] {
  if (metric.dataPointType === DataPointType.HISTOGRAM) return metric.dataPoints.map(({ value }) => exemplarsOf(value));
  if (metric.dataPointType === DataPointType.SUM) {
    return metric.dataPoints.map(exemplarOfPoint).map((exemplar) => (exemplar === undefined ? undefined : [exemplar]));
  }
  if (metric.dataPointType !== DataPointType.EXPONENTIAL_HISTOGRAM) return [];
  return metric.dataPoints.map(({ value }) => exemplarsOf(value));
}

function itemsOf(of: unknown, name: string): unknown[] {
  const items = propertyOf(of, name);
  return Array.isArray(items) ? items : [];
}

function addTo(point: unknown, exemplars: BucketExemplars): void {
  if (typeof point !== 'object' || point === null) return;
  Reflect.set(
    point,
    'exemplars',
    exemplars.flatMap((exemplar) => (exemplar === undefined ? [] : [jsonExemplar(exemplar)])),
  );
}

function jsonExemplar({ traceId, spanId, value, time }: Exemplar): object {
  return { timeUnixNano: `${time}000000`, asDouble: value, ...(traceId !== '' && { traceId, spanId }) };
}
