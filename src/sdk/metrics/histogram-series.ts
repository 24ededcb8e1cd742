// One series of a histogram. A measurement writes into one row of numbers only; the snapshots for
// readers are made of it when they collect.
import { type Attributes, type HrTime, type SpanContext, TraceFlags } from '@opentelemetry/api';
import type { Histogram } from '@opentelemetry/sdk-metrics';
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
import type { BucketExemplars, Exemplar } from './exemplar.js';
import type { StoredSeries } from './series-storage.js';

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

export class HistogramSeries implements StoredSeries<Histogram> {
  readonly attributes: Attributes;
  readonly startTime: HrTime;
  isHeld = false;
  readonly #boundaries: number[];
  /** What was measured since the last collection. */
  readonly #accumulation: Accumulation;
  readonly #readers: readonly ReaderAccumulation[];
  readonly #exemplars: (Mutable<Exemplar> | undefined)[] | undefined;

  /** @param boundaries ascending, one array for all series */
  constructor(attributes: Attributes, startTime: HrTime, boundaries: number[], readers: number, keepsExemplars: boolean) {
    this.attributes = attributes;
    this.startTime = startTime;
    this.#boundaries = boundaries;
    this.#accumulation = createAccumulation(boundaries.length + 1);
    this.#readers = Array.from({ length: readers }, () => new ReaderAccumulation(boundaries));
    this.#exemplars = keepsExemplars ? [] : undefined;
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
    if (span !== undefined && this.#exemplars !== undefined) this.#keepExemplar(this.#exemplars, bucket, value, span);
  }

  collect(reader: number, isDelta: boolean): Histogram | undefined {
    if (!isAccumulationEmpty(this.#accumulation)) {
      for (const each of this.#readers) each.add(this.#accumulation);
      clearAccumulation(this.#accumulation);
    }
    const accumulated = this.#readers[reader];
    if (accumulated === undefined || accumulated.count === 0) return undefined;
    const { snapshot } = accumulated;
    if (isDelta) accumulated.clear();
    return snapshot;
  }

  get exemplars(): BucketExemplars | undefined {
    return this.#exemplars;
  }

  get isCollected(): boolean {
    return isAccumulationEmpty(this.#accumulation) && this.#readers.every(({ count }) => count === 0);
  }

  #keepExemplar(kept: (Mutable<Exemplar> | undefined)[], bucket: number, value: number, span: SpanContext): void {
    const { traceId, spanId, traceFlags } = span;
    if ((traceFlags & TraceFlags.SAMPLED) === 0) return;
    const time = Date.now();
    const last = kept[bucket];
    if (last === undefined) kept[bucket] = { traceId, spanId, value, time };
    else {
      last.traceId = traceId;
      last.spanId = spanId;
      last.value = value;
      last.time = time;
    }
  }
}
