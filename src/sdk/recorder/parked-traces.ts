// The recorded traces of which no span is open, as numbers in columns: most wait so for half a
// minute, and an object for each would be in the way of the garbage collector all the time. In the
// order in which they came to rest.
import type { ByteChain } from './byte-chains.js';

/** What of a trace is parked. */
export interface ParkedTrace extends ByteChain {
  readonly traceId: string;
  /** Tells two recordings of one trace from one another. */
  readonly serial: number;
  since: number;
  bytes: number;
  spanCount: number;
  notes: number;
}

/** What a parked trace takes in the columns. */
export const PARKED_BYTES = 80;
/** The number of no trace. */
export const NO_TRACE = 0;

/** Digits of a part of a trace id, and parts of one. */
const PART_DIGITS = 8;
const PARTS = 4;
const LAST_PART = PARTS - 1;

/** The columns of whole numbers, in the order in which a trace has them. */
const SERIAL = 4;
const FIRST_BLOCK = 5;
const LAST_BLOCK = 6;
const LAST_USED = 7;
const BYTES = 8;
const SPAN_COUNT = 9;
const NOTES = 10;
const BEFORE = 11;
const AFTER = 12;
/** The rows after and before in the same bucket. */
const NEXT = 13;
const PREVIOUS = 14;
const COLUMNS = 15;
/** Rows of a bucket that are looked at: callers choose ids, and could put all traces into one. */
const MOST_LOOKED_AT = 16;

export class ParkedTraces {
  size = 0;
  readonly #most: number;
  /** Not there before they are needed. The first row is of no trace. */
  #rows = new Int32Array(0);
  #since = new Float64Array(0);
  #buckets = new Int32Array(0);
  #first = NO_TRACE;
  #last = NO_TRACE;
  #firstFree = NO_TRACE;
  /** Rows from here on have never been used. */
  #fresh = 1;

  constructor(most: number) {
    this.#most = most;
  }

  get isFull(): boolean {
    return this.size >= this.#most;
  }

  /** The one that has rested longest. */
  get first(): number {
    return this.#first;
  }

  since(row: number): number {
    return this.#since[row] ?? 0;
  }

  /** There must be room. */
  park(trace: ParkedTrace): void {
    if (this.#rows.length === 0) this.#allocate();
    const row = this.#take();
    const at = row * COLUMNS;
    const rows = this.#rows;
    for (let part = 0; part < PARTS; part++) rows[at + part] = readPart(trace.traceId, part);
    rows[at + SERIAL] = trace.serial;
    rows[at + FIRST_BLOCK] = trace.firstBlock;
    rows[at + LAST_BLOCK] = trace.lastBlock;
    rows[at + LAST_USED] = trace.lastUsed;
    rows[at + BYTES] = trace.bytes;
    rows[at + SPAN_COUNT] = trace.spanCount;
    rows[at + NOTES] = trace.notes;
    this.#since[row] = trace.since;
    const bucket = this.#bucketOf(rows[at + LAST_PART] ?? 0);
    const next = this.#buckets[bucket] ?? NO_TRACE;
    rows[at + NEXT] = next;
    rows[at + PREVIOUS] = NO_TRACE;
    if (next !== NO_TRACE) rows[next * COLUMNS + PREVIOUS] = row;
    this.#buckets[bucket] = row;
    rows[at + BEFORE] = this.#last;
    rows[at + AFTER] = NO_TRACE;
    if (this.#last === NO_TRACE) this.#first = row;
    else rows[this.#last * COLUMNS + AFTER] = row;
    this.#last = row;
    this.size++;
  }

  find(traceId: string): number {
    if (this.size === 0) return NO_TRACE;
    const last = readPart(traceId, LAST_PART);
    let row = this.#buckets[this.#bucketOf(last)] ?? NO_TRACE;
    for (let left = MOST_LOOKED_AT; row !== NO_TRACE && left > 0; left--) {
      if (this.#column(row, LAST_PART) === last && this.#hasId(row, traceId)) return row;
      row = this.#column(row, NEXT);
    }
    return NO_TRACE;
  }

  serial(row: number): number {
    return this.#column(row, SERIAL);
  }

  /** Takes a trace out, and gives `into` what was parked of it. */
  take(row: number, into: Omit<ParkedTrace, 'traceId' | 'serial'>): void {
    into.firstBlock = this.#column(row, FIRST_BLOCK);
    into.lastBlock = this.#column(row, LAST_BLOCK);
    into.lastUsed = this.#column(row, LAST_USED);
    into.bytes = this.#column(row, BYTES);
    into.spanCount = this.#column(row, SPAN_COUNT);
    into.notes = this.#column(row, NOTES);
    into.since = this.since(row);
    this.#leaveBucket(row);
    this.#leaveList(row);
    this.#rows[row * COLUMNS + NEXT] = this.#firstFree;
    this.#firstFree = row;
    this.size--;
  }

  #leaveBucket(row: number): void {
    const next = this.#column(row, NEXT);
    const previous = this.#column(row, PREVIOUS);
    if (previous === NO_TRACE) this.#buckets[this.#bucketOf(this.#column(row, LAST_PART))] = next;
    else this.#rows[previous * COLUMNS + NEXT] = next;
    if (next !== NO_TRACE) this.#rows[next * COLUMNS + PREVIOUS] = previous;
  }

  #leaveList(row: number): void {
    const before = this.#column(row, BEFORE);
    const after = this.#column(row, AFTER);
    if (before === NO_TRACE) this.#first = after;
    else this.#rows[before * COLUMNS + AFTER] = after;
    if (after === NO_TRACE) this.#last = before;
    else this.#rows[after * COLUMNS + BEFORE] = before;
  }

  #column(row: number, column: number): number {
    return this.#rows[row * COLUMNS + column] ?? 0;
  }

  #hasId(row: number, traceId: string): boolean {
    for (let part = 0; part < LAST_PART; part++) if (this.#column(row, part) !== readPart(traceId, part)) return false;
    return true;
  }

  /** The last part of an id is random. */
  #bucketOf(last: number): number {
    return last & (this.#buckets.length - 1);
  }

  #take(): number {
    const row = this.#firstFree;
    if (row === NO_TRACE) return this.#fresh++;
    this.#firstFree = this.#column(row, NEXT);
    return row;
  }

  #allocate(): void {
    this.#rows = new Int32Array((this.#most + 1) * COLUMNS);
    this.#since = new Float64Array(this.#most + 1);
    this.#buckets = new Int32Array(2 ** Math.ceil(Math.log2(this.#most + 1)));
  }
}

/** One part of a trace id as a whole number. */
function readPart(traceId: string, part: number): number {
  let value = 0;
  for (let i = part * PART_DIGITS; i < (part + 1) * PART_DIGITS; i++) value = (value << 4) | digitOf(traceId.charCodeAt(i));
  return value;
}

/** The value of a lower-case hexadecimal digit. */
function digitOf(code: number): number {
  return code < 0x3a ? code - 0x30 : code - 0x57;
}
