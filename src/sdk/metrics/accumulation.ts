// The accumulation of a histogram series since the last collection, in one row of numbers: sum,
// min, max, then the count of each bucket.
import type { ExemplarReservoir } from './exemplar-reservoir.js';
import { ExponentialBuckets } from './exponential-buckets.js';
import { ExponentialSnapshot, HistogramSnapshot } from './histogram-snapshot.js';

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
  #exponential: ExponentialBuckets | undefined;
  #sum = 0;
  #min = Number.POSITIVE_INFINITY;
  #max = Number.NEGATIVE_INFINITY;
  /** Milliseconds of the epoch; 0 until it is cleared. */
  #since = 0;
  #snapshot: HistogramSnapshot | undefined;

  constructor(boundaries: number[]) {
    this.#boundaries = boundaries;
    this.#counts = zeros(boundaries.length + 1);
  }

  add(accumulation: Accumulation, exponential: ExponentialBuckets | undefined): void {
    const counts = this.#counts;
    for (let bucket = 0; bucket < counts.length; bucket++) {
      const added = accumulation[COUNTS + bucket] ?? 0;
      counts[bucket] = (counts[bucket] ?? 0) + added;
      this.count += added;
    }
    this.#sum += accumulation[SUM] ?? 0;
    this.#min = Math.min(this.#min, accumulation[MIN] ?? 0);
    this.#max = Math.max(this.#max, accumulation[MAX] ?? 0);
    if (exponential !== undefined) {
      this.#exponential ??= new ExponentialBuckets();
      this.#exponential.merge(exponential.current);
    }
    this.#snapshot = undefined;
  }

  /** The same object until something is added. */
  snapshot(reservoir: ExemplarReservoir | undefined): HistogramSnapshot {
    this.#snapshot ??= this.#takeSnapshot(reservoir);
    return this.#snapshot;
  }

  #takeSnapshot(reservoir: ExemplarReservoir | undefined): HistogramSnapshot {
    const totals = { min: this.#min, max: this.#max, sum: this.#sum, count: this.count };
    const exemplars = reservoir?.snapshot(this.#since);
    const exponential = this.#exponential?.current;
    return new HistogramSnapshot({
      ...totals,
      buckets: { boundaries: this.#boundaries, counts: [...this.#counts] },
      exemplars,
      exponential: exponential === undefined ? undefined : new ExponentialSnapshot({ ...totals, ...exponential, exemplars }),
    });
  }

  clear(): void {
    this.count = 0;
    this.#since = Date.now();
    this.#counts = zeros(this.#counts.length);
    this.#exponential?.clear();
    this.#sum = 0;
    this.#min = Number.POSITIVE_INFINITY;
    this.#max = Number.NEGATIVE_INFINITY;
    this.#snapshot = undefined;
  }
}

function zeros(length: number): number[] {
  return new Array<number>(length).fill(0);
}
