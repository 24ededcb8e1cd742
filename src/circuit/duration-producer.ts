// Hands the durations of calls to the metric readers, already counted into buckets.
import { type HrTime, ValueType } from '@opentelemetry/api';
import { hrTime } from '@opentelemetry/core';
import { emptyResource } from '@opentelemetry/resources';
import {
  AggregationTemporality,
  type CollectionResult,
  type DataPoint,
  DataPointType,
  type Histogram,
  type MetricProducer,
} from '@opentelemetry/sdk-metrics';
import { SECONDS_BUCKETS } from '../metrics/buckets.js';
import { setExemplars } from '../metrics/exemplars.js';
import type { BreakerRegistry } from './breaker-registry.js';
import type { CircuitStats } from './circuit-stats.js';
import { DURATION_OPTIONS } from './duration-histogram.js';
import { METRIC_DURATION } from './names.js';

/** One array for all points: the exposition keeps the texts of its bounds by it. */
const BOUNDARIES: number[] = [...SECONDS_BUCKETS];

/** Cumulative since now. */
export function createDurationProducer(registry: BreakerRegistry, scope: { name: string; version: string }): MetricProducer {
  const startTime = hrTime();
  return {
    async collect(): Promise<CollectionResult> {
      const dataPoints: DataPoint<Histogram>[] = [];
      for (const { stats } of registry.circuits) addPoints(dataPoints, stats, startTime);
      const metric = {
        descriptor: { name: METRIC_DURATION, ...DURATION_OPTIONS, valueType: ValueType.DOUBLE },
        aggregationTemporality: AggregationTemporality.CUMULATIVE,
        dataPointType: DataPointType.HISTOGRAM as const,
        dataPoints,
      };
      const scopeMetrics = dataPoints.length === 0 ? [] : [{ scope, metrics: [metric] }];
      return { resourceMetrics: { resource: emptyResource(), scopeMetrics }, errors: [] };
    },
  };
}

function addPoints(points: DataPoint<Histogram>[], stats: CircuitStats, startTime: HrTime): void {
  const endTime = hrTime();
  stats.durations.forEach(({ counts, sumMs, count, exemplars }, outcome) => {
    if (count === 0) return;
    const value = { buckets: { boundaries: BOUNDARIES, counts: [...counts] }, sum: sumMs / 1000, count };
    const point = { startTime, endTime, attributes: stats.outcomeAttributes[outcome] ?? stats.nameAttributes, value };
    setExemplars(point, exemplars);
    points.push(point);
  });
}
