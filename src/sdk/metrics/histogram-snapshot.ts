// The snapshot of a histogram series that a reader collects. It never changes, so that its text is
// made once: most series of an app do not change from one scrape to the next.
import type { Histogram } from '@opentelemetry/sdk-metrics';

export class HistogramSnapshot implements Histogram {
  readonly buckets: Histogram['buckets'];
  readonly sum: number;
  readonly count: number;
  readonly min: number;
  readonly max: number;
  readonly #written = new Map<string, Uint8Array>();

  constructor({ buckets, sum, count, min, max }: Required<Histogram>) {
    this.buckets = buckets;
    this.sum = sum;
    this.count = count;
    this.min = min;
    this.max = max;
  }

  /** The lines that were written for it in this format. */
  writtenIn(format: string): Uint8Array | undefined {
    return this.#written.get(format);
  }

  keepWritten(format: string, lines: Uint8Array): void {
    this.#written.set(format, lines);
  }
}
