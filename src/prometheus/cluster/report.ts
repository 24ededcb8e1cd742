// The report that a follower sends to its leader. Metrics and series are described once and go by
// number after that: a report of 1000 histograms is 60 KB instead of 1 MB, and merging it looks
// nothing up by name.
import type { Attributes } from '@opentelemetry/api';

/**
 * How values are merged: added for ever, added while the process lives, one for each process, added
 * bucket by bucket. An exponential histogram has no explicit buckets besides.
 */
export type Kind = 'counter' | 'sum' | 'gauge' | 'histogram' | 'exponential histogram';

export interface MetricDescription {
  readonly id: number;
  readonly kind: Kind;
  readonly scope: { readonly name: string; readonly version?: string; readonly schemaUrl?: string };
  readonly name: string;
  readonly description: string;
  readonly unit: string;
  /** Explicit bucket boundaries; empty unless it is a histogram. */
  readonly boundaries: readonly number[];
}

export interface SeriesDescription {
  readonly id: number;
  /** Id of its metric. */
  readonly metric: number;
  readonly attributes: Attributes;
}

/** JSON has no NaN and no infinity. */
export type WireNumber = number | 'NaN' | '+Inf' | '-Inf';

/** The id, then the value; for a histogram its sum, then the count of each bucket. */
export type SeriesValue = readonly [id: number, ...values: WireNumber[]];

/** An exemplar of a bucket of a histogram; that of a counter is in bucket 0. */
export type SeriesExemplar = readonly [id: number, bucket: number, traceId: string, spanId: string, value: number, time: number];

/** Exponential buckets: the id of the series, and ExponentialCounts. Without negative values. */
export type SeriesExponential = readonly [id: number, scale: number, zeroCount: number, offset: number, ...counts: number[]];

export interface Report {
  /** Descriptions that no earlier report had. */
  readonly metrics: readonly MetricDescription[];
  readonly series: readonly SeriesDescription[];
  /** Counters and histograms that changed since the last report; all gauges and sums. */
  readonly values: readonly SeriesValue[];
  /** Exponential buckets of histograms that changed. */
  readonly exponentials: readonly SeriesExponential[];
  /** New since the last report. */
  readonly exemplars: readonly SeriesExemplar[];
}

export function toWire(value: number): WireNumber {
  if (Number.isFinite(value)) return value;
  if (Number.isNaN(value)) return 'NaN';
  return value > 0 ? '+Inf' : '-Inf';
}

export function fromWire(value: WireNumber | undefined): number {
  if (typeof value === 'number') return value;
  if (value === '+Inf') return Number.POSITIVE_INFINITY;
  return value === '-Inf' ? Number.NEGATIVE_INFINITY : Number.NaN;
}

/**
 * Checks the outer shape only: it comes from the same app, though perhaps from another version of
 * this package.
 */
export function isReport(value: unknown): value is Report {
  if (typeof value !== 'object' || value === null) return false;
  return ['metrics', 'series', 'values', 'exponentials', 'exemplars'].every((key) => Array.isArray(Reflect.get(value, key)));
}
