// The recorded traces as numbers in columns: each has a row, by which it is found by its id. One of
// which no span is open is nothing but its row, as a rule: most wait so for half a minute, and an
// object for each would be in the way of the garbage collector all the time.
import type { ByteChain } from './byte-chains.js';

/** What of a trace is in its row while it is parked. */
export interface ParkedTrace extends ByteChain {
  since: number;
  bytes: number;
  spanCount: number;
  notes: number;
}

/** A trace that is an object. */
export interface RowTrace extends ParkedTrace {
  readonly traceId: string;
  /** Tells two recordings of one trace from one another. */
  readonly serial: number;
}

/** What a row takes in the columns. */
export const ROW_BYTES = 80;
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
/** The place of its object; `NO_OBJECT` while it is parked. */
const OBJECT = 15;
const COLUMNS = 16;
/** Rows of a bucket that are looked at: callers choose ids, and could put all traces into one. */
const MOST_LOOKED_AT = 16;

/** No recording has it. */
const NO_SERIAL = 0;
const NO_OBJECT = 0;

export class TraceRows<Trace extends RowTrace> {
  size = 0;
  /** Those that are nothing but their row. */
  parkedSize = 0;
  readonly #most: number;
  /** Not there before they are needed. The first row is of no trace. */
  #rows = new Int32Array(0);
  #since = new Float64Array(0);
  #buckets = new Int32Array(0);
  /** Those that are objects: few places, which the garbage collector looks at each time that one has changed. */
  readonly #traces: (Trace | undefined)[] = [undefined];
  readonly #freePlaces: number[] = [];
  #first = NO_TRACE;
  #last = NO_TRACE;
  #firstFree = NO_TRACE;
  /** Rows from here on have never been used. */
  #fresh = 1;

  /** @param most rows; there are never more traces */
  constructor(most: number) {
    this.#most = most;
  }

  /** The parked one that has rested longest. */
  get first(): number {
    return this.#first;
  }

  since(row: number): number {
    return this.#since[row] ?? 0;
  }

  /** The row of a trace that begins. */
  enter(trace: Trace): number {
    if (this.#rows.length === 0) this.#allocate();
    const row = this.#take();
    const at = row * COLUMNS;
    const rows = this.#rows;
    for (let part = 0; part < PARTS; part++) rows[at + part] = readPart(trace.traceId, part);
    rows[at + SERIAL] = trace.serial;
    const bucket = this.#bucketOf(rows[at + LAST_PART] ?? 0);
    const next = this.#buckets[bucket] ?? NO_TRACE;
    rows[at + NEXT] = next;
    rows[at + PREVIOUS] = NO_TRACE;
    if (next !== NO_TRACE) rows[next * COLUMNS + PREVIOUS] = row;
    this.#buckets[bucket] = row;
    this.#hold(row, trace);
    this.size++;
    return row;
  }

  /** Its object is not needed any more. */
  park(row: number, trace: Trace): void {
    const at = row * COLUMNS;
    const rows = this.#rows;
    rows[at + FIRST_BLOCK] = trace.firstBlock;
    rows[at + LAST_BLOCK] = trace.lastBlock;
    rows[at + LAST_USED] = trace.lastUsed;
    rows[at + BYTES] = trace.bytes;
    rows[at + SPAN_COUNT] = trace.spanCount;
    rows[at + NOTES] = trace.notes;
    this.#since[row] = trace.since;
    rows[at + BEFORE] = this.#last;
    rows[at + AFTER] = NO_TRACE;
    if (this.#last === NO_TRACE) this.#first = row;
    else rows[this.#last * COLUMNS + AFTER] = row;
    this.#last = row;
    this.#release(row);
    this.parkedSize++;
  }

  /** The object of a trace; undefined for one that is parked. */
  traceAt(row: number): Trace | undefined {
    return this.#traces[this.#column(row, OBJECT)];
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

  /** Gives `trace`, which stands for it from now on, what was parked. */
  revive(row: number, trace: Trace): void {
    this.#unpark(row, trace);
    this.#hold(row, trace);
  }

  /** Takes a parked trace out, and gives `into` what was parked. */
  takeParked(row: number, into: ParkedTrace): void {
    this.#unpark(row, into);
    this.leave(row);
  }

  /** Takes a trace out that is not parked. */
  leave(row: number): void {
    this.#leaveBucket(row);
    this.#release(row);
    this.#rows[row * COLUMNS + SERIAL] = NO_SERIAL;
    this.#rows[row * COLUMNS + NEXT] = this.#firstFree;
    this.#firstFree = row;
    this.size--;
  }

  #hold(row: number, trace: Trace): void {
    const place = this.#freePlaces.pop() ?? this.#traces.length;
    this.#traces[place] = trace;
    this.#rows[row * COLUMNS + OBJECT] = place;
  }

  #release(row: number): void {
    const place = this.#column(row, OBJECT);
    if (place === NO_OBJECT) return;
    this.#traces[place] = undefined;
    this.#freePlaces.push(place);
    this.#rows[row * COLUMNS + OBJECT] = NO_OBJECT;
  }

  #unpark(row: number, into: ParkedTrace): void {
    into.firstBlock = this.#column(row, FIRST_BLOCK);
    into.lastBlock = this.#column(row, LAST_BLOCK);
    into.lastUsed = this.#column(row, LAST_USED);
    into.bytes = this.#column(row, BYTES);
    into.spanCount = this.#column(row, SPAN_COUNT);
    into.notes = this.#column(row, NOTES);
    into.since = this.since(row);
    this.#leaveList(row);
    this.parkedSize--;
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
