// What one reader of a series has, or will be told.
import { type Accumulation, COUNTS, GREATEST, LEAST, SUM } from './accumulation.js';
import { HistogramSnapshot } from './histogram-snapshot.js';

export class ReaderAccumulation {
  /** Of all buckets. */
  count = 0;
  readonly #boundaries: number[];
  #counts: number[];
  #sum = 0;
  #min = Number.POSITIVE_INFINITY;
  #max = Number.NEGATIVE_INFINITY;
  #value: HistogramSnapshot | undefined;

  constructor(boundaries: number[]) {
    this.#boundaries = boundaries;
    this.#counts = zeros(boundaries.length + 1);
  }

  add(cells: Accumulation): void {
    const counts = this.#counts;
    for (let bucket = 0; bucket < counts.length; bucket++) {
      const added = cells[COUNTS + bucket] ?? 0;
      counts[bucket] = (counts[bucket] ?? 0) + added;
      this.count += added;
    }
    this.#sum += cells[SUM] ?? 0;
    this.#min = Math.min(this.#min, cells[LEAST] ?? 0);
    this.#max = Math.max(this.#max, cells[GREATEST] ?? 0);
    this.#value = undefined;
  }

  /** The same object as long as nothing is added. */
  get value(): HistogramSnapshot {
    this.#value ??= new HistogramSnapshot({
      min: this.#min,
      max: this.#max,
      sum: this.#sum,
      buckets: { boundaries: this.#boundaries, counts: [...this.#counts] },
      count: this.count,
    });
    return this.#value;
  }

  clear(): void {
    this.count = 0;
    this.#counts = zeros(this.#counts.length);
    this.#sum = 0;
    this.#min = Number.POSITIVE_INFINITY;
    this.#max = Number.NEGATIVE_INFINITY;
    this.#value = undefined;
  }
}

function zeros(length: number): number[] {
  return new Array<number>(length).fill(0);
}
