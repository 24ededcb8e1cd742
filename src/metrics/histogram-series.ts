// One series of a histogram. A measurement touches as little as can be, one row of numbers; what readers are told is made of it when they collect.
import { type Attributes, type HrTime, type SpanContext, TraceFlags } from '@opentelemetry/api';
import type { BucketExemplars, Exemplar } from './exemplar.js';
import { HistogramTally } from './histogram-tally.js';
import { areCellsEmpty, COUNTS, clearCells, createCells, GREATEST, LEAST, type MeasuredCells, SUM } from './measured-cells.js';

/** Where a measurement goes. */
export interface MeasuredSeries {
  /**
   * @param value at least 0; others are not counted
   * @param span the one that was measured, for the exemplar
   */
  record(value: number, span: SpanContext | undefined): void;
}

type Changing<T> = { -readonly [Key in keyof T]: T[Key] };

// Compiled to CommonJS, an import is looked up at each use: not on the hot path.
const { SAMPLED } = TraceFlags;
const [sumCell, leastCell, greatestCell, countCells] = [SUM, LEAST, GREATEST, COUNTS];

export class HistogramSeries implements MeasuredSeries {
  readonly attributes: Attributes;
  readonly startTime: HrTime;
  /** Somebody records into it without asking for it again: it must not be forgotten. */
  isHeld = false;
  readonly #boundaries: number[];
  /** Since the last collection. */
  readonly #cells: MeasuredCells;
  readonly #tallies: readonly HistogramTally[];
  readonly #exemplars: (Changing<Exemplar> | undefined)[] | undefined;

  /** @param boundaries ascending, one array for all series */
  constructor(attributes: Attributes, startTime: HrTime, boundaries: number[], readers: number, keepsExemplars: boolean) {
    this.attributes = attributes;
    this.startTime = startTime;
    this.#boundaries = boundaries;
    this.#cells = createCells(boundaries.length + 1);
    this.#tallies = Array.from({ length: readers }, () => new HistogramTally(boundaries));
    this.#exemplars = keepsExemplars ? [] : undefined;
  }

  record(value: number, span: SpanContext | undefined): void {
    if (!(value >= 0)) return;
    const boundaries = this.#boundaries;
    let bucket = 0;
    while (bucket < boundaries.length && value > (boundaries[bucket] ?? 0)) bucket++;
    const cells = this.#cells;
    const cell = countCells + bucket;
    cells[cell] = (cells[cell] ?? 0) + 1;
    cells[sumCell] = (cells[sumCell] ?? 0) + value;
    if (value < (cells[leastCell] ?? 0)) cells[leastCell] = value;
    if (value > (cells[greatestCell] ?? 0)) cells[greatestCell] = value;
    if (span !== undefined && this.#exemplars !== undefined) this.#keepExemplar(this.#exemplars, bucket, value, span);
  }

  /** Of the reader of that number, with all that was recorded until now. */
  tally(reader: number): HistogramTally | undefined {
    if (!areCellsEmpty(this.#cells)) {
      for (const tally of this.#tallies) tally.add(this.#cells);
      clearCells(this.#cells);
    }
    return this.#tallies[reader];
  }

  get exemplars(): BucketExemplars | undefined {
    return this.#exemplars;
  }

  /** Whether each reader that is told changes has been told all. */
  get isTold(): boolean {
    return areCellsEmpty(this.#cells) && this.#tallies.every(({ count }) => count === 0);
  }

  #keepExemplar(kept: (Changing<Exemplar> | undefined)[], bucket: number, value: number, span: SpanContext): void {
    const { traceId, spanId, traceFlags } = span;
    if ((traceFlags & SAMPLED) === 0) return;
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
