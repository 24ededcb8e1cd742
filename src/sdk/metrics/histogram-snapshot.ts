// What a reader is told of one series of a histogram. It is not changed later, so that what is written of it once can be written again: most series of an
// app do not change from one scrape to the next.
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

  /** What was written of it in that format. */
  writtenIn(format: string): Uint8Array | undefined {
    return this.#written.get(format);
  }

  keepWritten(format: string, lines: Uint8Array): void {
    this.#written.set(format, lines);
  }
}
