// Makes metrics for tests of what is shown.
import type { Attributes, Metric, MetricPoint } from '../../../src/view/telemetry.js';

const START = 1_700_000_000_000_000_000n;
const INTERVAL = 10_000_000_000n;

export interface MetricFacts {
  readonly description?: string;
  readonly unit?: string;
  readonly service?: string;
  readonly attributes?: Attributes;
  readonly exemplars?: MetricPoint['exemplars'];
}

/** A point every ten seconds: a value each, or the counts of the buckets of a histogram. */
export function makeMetric(
  name: string,
  type: 'gauge' | 'sum' | 'histogram',
  values: readonly (number | readonly number[])[],
  facts: MetricFacts = {},
): Metric {
  const { service = 'api', attributes = {}, exemplars = [] } = facts;
  return {
    service,
    resource: { 'service.name': service },
    resourceSchemaUrl: '',
    scope: { name: 'test', version: '', schemaUrl: '', attributes: {} },
    name,
    description: facts.description ?? '',
    unit: facts.unit ?? '1',
    type,
    temporality: type === 'gauge' ? 'UNSPECIFIED' : 'DELTA',
    monotonic: type === 'sum',
    points: values.map((value, index) => ({
      attributes,
      startTimeUnixNano: START + BigInt(index) * INTERVAL,
      timeUnixNano: START + BigInt(index + 1) * INTERVAL,
      exemplars: index === values.length - 1 ? exemplars : [],
      ...(typeof value === 'number' ? { value } : histogram(value)),
    })),
  };
}

const BOUNDS = [0.005, 0.01, 0.05, 0.1, 0.5, 1];

function histogram(counts: readonly number[]): Partial<MetricPoint> {
  const bucketCounts = [...BOUNDS, 0].map((_, index) => counts[index] ?? 0);
  return { count: bucketCounts.reduce((sum, count) => sum + count, 0), sum: 1, bucketCounts, explicitBounds: [...BOUNDS] };
}
