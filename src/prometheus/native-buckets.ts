// The buckets of a native histogram of Prometheus, made of those of an exponential histogram.
// https://prometheus.io/docs/specs/native_histograms/,
// https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/
import type { ExponentialHistogram } from '@opentelemetry/sdk-metrics';

/** Prometheus' bounds of the schema, which is OpenTelemetry's scale. */
const MAX_SCHEMA = 8;
const MIN_SCHEMA = -4;
/** Empty buckets between two others that are written, since another span would be longer. */
const MAX_GAP = 2;

export interface NativeBuckets {
  readonly spans: readonly NativeSpan[];
  /** Each count less the one before it. */
  readonly deltas: readonly number[];
}

interface NativeSpan {
  /** Buckets since the end of the last span; for the first one, its index. */
  readonly offset: number;
  length: number;
}

/** The schema of the histogram: a scale that is too fine is made coarser; undefined for one that is too coarse. */
export function schemaOf({ scale }: ExponentialHistogram): number | undefined {
  return scale < MIN_SCHEMA ? undefined : Math.min(scale, MAX_SCHEMA);
}

export function nativeBuckets({ offset, bucketCounts }: ExponentialHistogram['positive'], scale: number, schema: number): NativeBuckets {
  const spans: NativeSpan[] = [];
  const deltas: number[] = [];
  let last = 0;
  let end = 0;
  for (const [index, count] of coarser(offset, bucketCounts, scale - schema)) {
    const gap = index - end;
    let span = spans.at(-1);
    if (span === undefined || gap > MAX_GAP) {
      span = { offset: gap, length: 0 };
      spans.push(span);
    } else {
      for (let empty = 0; empty < gap; empty++) {
        deltas.push(0 - last);
        last = 0;
      }
      span.length += gap;
    }
    deltas.push(count - last);
    span.length += 1;
    last = count;
    end = index + 1;
  }
  return { spans, deltas };
}

/** Counts that are not 0 by index. Prometheus' index is that of the upper bound, one more. */
function coarser(offset: number, counts: readonly number[], shift: number): Map<number, number> {
  const byIndex = new Map<number, number>();
  for (const [position, count] of counts.entries()) {
    const index = ((offset + position) >> shift) + 1;
    if (count > 0) byIndex.set(index, (byIndex.get(index) ?? 0) + count);
  }
  return byIndex;
}
