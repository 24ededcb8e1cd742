// Turns exponential histograms into histograms with bounds: at one coarse scale, so that two of the
// same series can be subtracted and many fit on a chart.
// https://opentelemetry.io/docs/specs/otel/metrics/data-model/#exponentialhistogram

import type { ExponentialBuckets, MetricPoint } from './telemetry.js';

/** A bucket ends at 1.19 times its beginning. */
const SCALE = 2;
const BASE = 2 ** (2 ** -SCALE);
/** From 1e-12 to 1e12, which is the number of buckets, too: 320. */
const LEAST_INDEX = -160;
const LAST_INDEX = 160;

export interface BoundedCounts {
  readonly bounds: readonly number[];
  readonly counts: readonly number[];
}

/** Bounds of all points, however they are scaled: the same for each. */
const BOUNDS: readonly number[] = [
  0,
  ...Array.from({ length: LAST_INDEX - LEAST_INDEX + 1 }, (_, index) => BASE ** (LEAST_INDEX + index + 1)),
];

/** Counts of negative values and of zeros are in the first bucket. */
export function boundedCounts({ scale = 0, zeroCount = 0, positive, negative }: MetricPoint): BoundedCounts {
  const counts = new Array<number>(BOUNDS.length + 1).fill(0);
  counts[0] = zeroCount + (negative?.bucketCounts.reduce((sum, count) => sum + count, 0) ?? 0);
  for (const [index, count] of scaled(positive, scale)) {
    const at = Math.min(LAST_INDEX, Math.max(LEAST_INDEX, index)) - LEAST_INDEX + 1;
    counts[at] = (counts[at] ?? 0) + count;
  }
  return { bounds: BOUNDS, counts };
}

function* scaled(buckets: ExponentialBuckets | undefined, scale: number): Generator<[index: number, count: number]> {
  for (const [at, count] of (buckets?.bucketCounts ?? []).entries()) {
    if (count === 0) continue;
    // The middle of a bucket: one of a coarser scale spans several of ours.
    const middle = ((buckets?.offset ?? 0) + at + 0.5) * 2 ** (SCALE - scale);
    yield [Math.floor(middle), count];
  }
}

/** Without the empty buckets before the first and after the last that has something in it. */
export function trimmed({ bounds, counts }: BoundedCounts): BoundedCounts {
  const first = counts.findIndex((count) => count > 0);
  const last = counts.findLastIndex((count) => count > 0);
  if (first === -1) return { bounds: [], counts: [0] };
  // An empty bucket below the first says where that begins.
  const from = Math.max(0, first - 1);
  const to = Math.min(bounds.length, last + 1);
  return { bounds: bounds.slice(from, to), counts: [...counts.slice(from, to), counts[to] ?? 0] };
}
