// The accumulation of a histogram series since the last collection, in one row of numbers: sum,
// min, max, then the count of each bucket.
import { HistogramSnapshot } from './histogram-snapshot.js';

export const SUM = 0;
export const MIN = 1;
export const MAX = 2;
export const COUNTS = 3;

export type Accumulation = Float64Array;

export function createAccumulation(buckets: number): Accumulation {
  const accumulation = new Float64Array(COUNTS + buckets);
  clearAccumulation(accumulation);
  return accumulation;
}

export function clearAccumulation(accumulation: Accumulation): void {
  accumulation.fill(0);
  accumulation[MIN] = Number.POSITIVE_INFINITY;
  accumulation[MAX] = Number.NEGATIVE_INFINITY;
}

export function isAccumulationEmpty(accumulation: Accumulation): boolean {
  return accumulation[MAX] === Number.NEGATIVE_INFINITY;
}

/** The accumulation for one reader: since the start, or since its last collection. */
export class ReaderAccumulation {
  /** Number of measurements, the sum over all buckets. */
  count = 0;
  readonly #boundaries: number[];
  #counts: number[];
  #sum = 0;
  #min = Number.POSITIVE_INFINITY;
  #max = Number.NEGATIVE_INFINITY;
  #snapshot: HistogramSnapshot | undefined;

  constructor(boundaries: number[]) {
    this.#boundaries = boundaries;
    this.#counts = zeros(boundaries.length + 1);
  }

  add(accumulation: Accumulation): void {
    const counts = this.#counts;
    for (let bucket = 0; bucket < counts.length; bucket++) {
      const added = accumulation[COUNTS + bucket] ?? 0;
      counts[bucket] = (counts[bucket] ?? 0) + added;
      this.count += added;
    }
    this.#sum += accumulation[SUM] ?? 0;
    this.#min = Math.min(this.#min, accumulation[MIN] ?? 0);
    this.#max = Math.max(this.#max, accumulation[MAX] ?? 0);
    this.#snapshot = undefined;
  }

  /** The same object until something is added. */
  get snapshot(): HistogramSnapshot {
    this.#snapshot ??= new HistogramSnapshot({
      min: this.#min,
      max: this.#max,
      sum: this.#sum,
      buckets: { boundaries: this.#boundaries, counts: [...this.#counts] },
      count: this.count,
    });
    return this.#snapshot;
  }

  clear(): void {
    this.count = 0;
    this.#counts = zeros(this.#counts.length);
    this.#sum = 0;
    this.#min = Number.POSITIVE_INFINITY;
    this.#max = Number.NEGATIVE_INFINITY;
    this.#snapshot = undefined;
  }
}

function zeros(length: number): number[] {
  return new Array<number>(length).fill(0);
}
