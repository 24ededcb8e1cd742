// One series of a histogram. A measurement writes into one row of numbers only; the snapshots for
// readers are made of it when they collect.
import type { Attributes, HrTime, SpanContext } from '@opentelemetry/api';
import {
  type Accumulation,
  COUNTS,
  clearAccumulation,
  createAccumulation,
  isAccumulationEmpty,
  MAX,
  MIN,
  ReaderAccumulation,
  SUM,
} from './accumulation.js';
import type { ExemplarFilter } from './exemplar.js';
import { ExemplarReservoir } from './exemplar-reservoir.js';
import { ExponentialBuckets } from './exponential-buckets.js';
import type { HistogramSnapshot } from './histogram-snapshot.js';
import type { StoredSeries } from './series-storage.js';

/** The choice of what the series of a histogram count. */
export interface HistogramCounting {
  readonly exemplars: ExemplarFilter;
  /** Whether exponential buckets are counted besides. */
  readonly exponential: boolean;
}

/** As the specification has it for a histogram that nobody asks more of. */
export const PLAIN: HistogramCounting = { exemplars: 'always_off', exponential: false };

export class HistogramSeries implements StoredSeries<HistogramSnapshot> {
  readonly attributes: Attributes;
  readonly startTime: HrTime;
  isHeld = false;
  readonly #boundaries: number[];
  /** What was measured since the last collection. */
  readonly #accumulation: Accumulation;
  readonly #readers: readonly ReaderAccumulation[];
  readonly #exponential: ExponentialBuckets | undefined;
  readonly #exemplars: ExemplarReservoir | undefined;

  /** @param boundaries ascending, one array for all series */
  constructor(attributes: Attributes, startTime: HrTime, boundaries: number[], readers: number, counting: HistogramCounting) {
    this.attributes = attributes;
    this.startTime = startTime;
    this.#boundaries = boundaries;
    this.#accumulation = createAccumulation(boundaries.length + 1);
    this.#readers = Array.from({ length: readers }, () => new ReaderAccumulation(boundaries));
    this.#exponential = counting.exponential ? new ExponentialBuckets() : undefined;
    this.#exemplars = counting.exemplars === 'always_off' ? undefined : new ExemplarReservoir(counting.exemplars);
  }

  record(value: number, span: SpanContext | undefined): void {
    if (!(value >= 0)) return;
    const boundaries = this.#boundaries;
    let bucket = 0;
    while (bucket < boundaries.length && value > (boundaries[bucket] ?? 0)) bucket++;
    const accumulation = this.#accumulation;
    const at = COUNTS + bucket;
    accumulation[at] = (accumulation[at] ?? 0) + 1;
    accumulation[SUM] = (accumulation[SUM] ?? 0) + value;
    if (value < (accumulation[MIN] ?? 0)) accumulation[MIN] = value;
    if (value > (accumulation[MAX] ?? 0)) accumulation[MAX] = value;
    if (this.#exponential !== undefined) this.#exponential.add(value);
    if (this.#exemplars !== undefined) this.#exemplars.offer(bucket, value, span);
  }

  collect(reader: number, isDelta: boolean): HistogramSnapshot | undefined {
    if (!isAccumulationEmpty(this.#accumulation)) {
      for (const each of this.#readers) each.add(this.#accumulation, this.#exponential);
      clearAccumulation(this.#accumulation);
      this.#exponential?.clear();
    }
    const accumulated = this.#readers[reader];
    if (accumulated === undefined || accumulated.count === 0) return undefined;
    const snapshot = accumulated.snapshot(this.#exemplars);
    if (isDelta) accumulated.clear();
    return snapshot;
  }

  get isCollected(): boolean {
    return isAccumulationEmpty(this.#accumulation) && this.#readers.every(({ count }) => count === 0);
  }
}
