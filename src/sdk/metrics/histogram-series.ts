// One series of a histogram. A measurement touches as little as can be, one row of numbers; what readers are told is made of it when they collect.
import { type Attributes, type HrTime, type SpanContext, TraceFlags } from '@opentelemetry/api';
import type { Histogram } from '@opentelemetry/sdk-metrics';
import { type Accumulation, areCellsEmpty, COUNTS, clearCells, createCells, GREATEST, LEAST, SUM } from './accumulation.js';
import type { BucketExemplars, Exemplar } from './exemplar.js';
import { ReaderAccumulation } from './reader-accumulation.js';
import type { StoredSeries } from './series-storage.js';

type Changing<T> = { -readonly [Key in keyof T]: T[Key] };

// Compiled to CommonJS, an import is looked up at each use: not on the hot path.
const { SAMPLED } = TraceFlags;
const [sumCell, leastCell, greatestCell, countCells] = [SUM, LEAST, GREATEST, COUNTS];

export class HistogramSeries implements StoredSeries<Histogram> {
  readonly attributes: Attributes;
  readonly startTime: HrTime;
  isHeld = false;
  readonly #boundaries: number[];
  /** Since the last collection. */
  readonly #cells: Accumulation;
  readonly #tallies: readonly ReaderAccumulation[];
  readonly #exemplars: (Changing<Exemplar> | undefined)[] | undefined;

  /** @param boundaries ascending, one array for all series */
  constructor(attributes: Attributes, startTime: HrTime, boundaries: number[], readers: number, keepsExemplars: boolean) {
    this.attributes = attributes;
    this.startTime = startTime;
    this.#boundaries = boundaries;
    this.#cells = createCells(boundaries.length + 1);
    this.#tallies = Array.from({ length: readers }, () => new ReaderAccumulation(boundaries));
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

  tell(reader: number, isChange: boolean): Histogram | undefined {
    if (!areCellsEmpty(this.#cells)) {
      for (const tally of this.#tallies) tally.add(this.#cells);
      clearCells(this.#cells);
    }
    const tally = this.#tallies[reader];
    if (tally === undefined || tally.count === 0) return undefined;
    const { value } = tally;
    if (isChange) tally.clear();
    return value;
  }

  get exemplars(): BucketExemplars | undefined {
    return this.#exemplars;
  }

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
