// The snapshot of a histogram series that a reader collects. It never changes, so that its text is
// made once: most series of an app do not change from one scrape to the next.
import type { ExponentialHistogram, Histogram } from '@opentelemetry/sdk-metrics';
import type { BucketExemplars } from './exemplar.js';
import type { ExponentialCounts } from './exponential-buckets.js';

type Parts = Histogram & { readonly exemplars?: BucketExemplars | undefined; readonly exponential?: ExponentialSnapshot | undefined };

export class HistogramSnapshot implements Histogram {
  readonly buckets: Histogram['buckets'];
  readonly sum?: number;
  readonly count: number;
  readonly min?: number;
  readonly max?: number;
  readonly exemplars: BucketExemplars | undefined;
  /** The same measurements in exponential buckets, where they are counted. */
  readonly exponential: ExponentialSnapshot | undefined;
  #written: Map<string, Uint8Array> | undefined;

  constructor({ buckets, sum, count, min, max, exemplars, exponential }: Parts) {
    this.buckets = buckets;
    if (sum !== undefined) this.sum = sum;
    this.count = count;
    if (min !== undefined) this.min = min;
    if (max !== undefined) this.max = max;
    this.exemplars = exemplars;
    this.exponential = exponential;
  }

  /** The bytes that were written for it in this format. */
  writtenIn(format: string): Uint8Array | undefined {
    return this.#written?.get(format);
  }

  keepWritten(format: string, lines: Uint8Array): void {
    this.#written ??= new Map();
    this.#written.set(format, lines);
  }
}

interface ExponentialParts extends ExponentialCounts, Pick<Histogram, 'count' | 'sum' | 'min' | 'max'> {
  readonly exemplars: BucketExemplars | undefined;
}

/** The snapshot in exponential buckets. Histograms have no negative values: there is no negative one. */
export class ExponentialSnapshot implements ExponentialHistogram {
  readonly count: number;
  readonly sum?: number;
  readonly scale: number;
  readonly zeroCount: number;
  readonly positive: ExponentialHistogram['positive'];
  readonly negative: ExponentialHistogram['negative'] = { offset: 0, bucketCounts: [] };
  readonly min?: number;
  readonly max?: number;
  readonly exemplars: BucketExemplars | undefined;

  constructor({ count, sum, min, max, scale, zeroCount, offset, counts, exemplars }: ExponentialParts) {
    this.count = count;
    if (sum !== undefined) this.sum = sum;
    this.scale = scale;
    this.zeroCount = zeroCount;
    this.positive = { offset, bucketCounts: [...counts] };
    if (min !== undefined) this.min = min;
    if (max !== undefined) this.max = max;
    this.exemplars = exemplars;
  }
}

export function exemplarsOf(value: Histogram | ExponentialHistogram): BucketExemplars | undefined {
  return value instanceof HistogramSnapshot || value instanceof ExponentialSnapshot ? value.exemplars : undefined;
}
