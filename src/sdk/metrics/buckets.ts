// Bucket boundaries for histograms that are created without any.
import type { MetricOptions } from '@opentelemetry/api';

/** Semantic conventions 1.45, http.server.request.duration; used for all durations of requests. */
export const SECONDS_BUCKETS: readonly number[] = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

/**
 * Semantic conventions 1.45, db.client.operation.duration; used for all durations of database
 * calls.
 */
export const DATABASE_SECONDS: readonly number[] = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10];

/** The same options, with buckets for seconds when the unit is `s` and none are given. */
export function withBuckets(options: MetricOptions | undefined): MetricOptions | undefined {
  if (options?.unit !== 's' || options.advice?.explicitBucketBoundaries !== undefined) return options;
  return { ...options, advice: { ...options.advice, explicitBucketBoundaries: [...SECONDS_BUCKETS] } };
}
