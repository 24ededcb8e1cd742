// The ring of recorded traces, bounded in bytes and in time. A trace rests when none of its spans
// is open; what has rested longest goes first.
import { context, ROOT_CONTEXT } from '@opentelemetry/api';
import { BLOCK_BYTES, forgetBytes, NO_BLOCK } from './byte-chains.js';
import { PackedSpans } from './packed-spans.js';
import { TRACE_BYTES } from './recorded-size.js';
import { RecordedTrace, type TraceDecider } from './recorded-trace.js';
import { TraceList } from './trace-list.js';
import { NO_TRACE, type ParkedTrace, ROW_BYTES, TraceRows } from './trace-rows.js';

export interface RingLimits {
  /** The size of all traces together. */
  readonly bytes: number;
  /** How long a trace rests before it falls out, in ms. */
  readonly holdMs: number;
}

/** How a trace has left the ring unsent. */
export type Loss = 'fallen_out' | 'evicted' | 'process_end';

/** How often the ring is looked through, in ms. */
const SWEEP_MS = 1000;
/** What has been open for so long goes before what rests, when there is no room. */
const STALE_MS = 600_000;
/** How long a kept trace is remembered, so that what comes later of it is sent too. */
const KEPT_MS = 300_000;
const MAX_KEPT = 10_000;

export class TraceRing {
  readonly losses: Record<Loss, number> = { fallen_out: 0, evicted: 0, process_end: 0 };
  bytes = 0;
  readonly packed: PackedSpans;
  readonly #limits: RingLimits;
  /** All of them; those that rest are parked there, as a rule. */
  readonly #rows: TraceRows<RecordedTrace>;
  readonly #decider: TraceDecider;
  /** A parked trace that is lost, for a moment. */
  readonly #lost: ParkedTrace = { firstBlock: NO_BLOCK, lastBlock: NO_BLOCK, lastUsed: 0, since: 0, bytes: 0, spanCount: 0, notes: 0 };
  /** In the order in which they began; in which they came to rest; in which they were kept. */
  readonly #open = new TraceList<RecordedTrace>();
  readonly #resting = new TraceList<RecordedTrace>();
  readonly #kept = new TraceList<RecordedTrace>();
  #timer: NodeJS.Timeout | undefined;
  /** A reading of `performance.now()` of the last second: exact enough for when a trace began. */
  #lastReading = 0;

  constructor(limits: RingLimits, decider: TraceDecider) {
    this.#limits = limits;
    this.#decider = decider;
    this.packed = new PackedSpans(limits.bytes);
    // One more of those that wait and of the kept, before another goes.
    this.#rows = new TraceRows(Math.floor(limits.bytes / (ROW_BYTES + BLOCK_BYTES)) + 1 + MAX_KEPT + 1);
  }

  /** The number of recorded traces; those that were kept are not counted. */
  get size(): number {
    return this.#open.size + this.#resting.size + this.#rows.parkedSize;
  }

  find(traceId: string): RecordedTrace | undefined {
    const row = this.#rows.find(traceId);
    if (row === NO_TRACE) return undefined;
    return this.#rows.traceAt(row) ?? this.#revive(new RecordedTrace(traceId, this.#decider, this.#rows.serial(row)), row);
  }

  /** What stands for a trace that contexts hold: itself, as a rule. One that was parked is there again. */
  live(trace: RecordedTrace): RecordedTrace {
    if (trace.status !== 'parked') return trace;
    if (this.#hasRow(trace)) return this.#rows.traceAt(trace.row) ?? this.#revive(trace, trace.row);
    trace.status = 'over';
    return trace;
  }

  /** The state of one that was parked. */
  stateOf(trace: RecordedTrace): RecordedTrace['state'] {
    if (this.#hasRow(trace)) return this.#rows.traceAt(trace.row)?.state ?? 'recorded';
    trace.status = 'over';
    return 'over';
  }

  /** A span of a trace of which none was open has started. Returns whether it is the first one. */
  open(trace: RecordedTrace): boolean {
    const isNew = trace.row === NO_TRACE;
    if (isNew) this.#enter(trace);
    else if (trace.list === this.#resting) trace.since = performance.now();
    this.#open.append(trace);
    return isNew;
  }

  /** The last open span of a trace has ended, at a reading of `performance.now()`. */
  rest(trace: RecordedTrace, endedAt: number): void {
    trace.since = endedAt;
    this.#lastReading = endedAt;
    if (trace.isPlain) this.#park(trace);
    else this.#resting.append(trace);
  }

  /** Holds the bytes that were packed last, if the trace is not evicted for them itself. */
  append(trace: RecordedTrace, length: number): void {
    this.grow(trace, this.packed.growthOf(trace, length));
    if (trace.state === 'recorded') this.packed.append(trace, length);
  }

  /** Counts bytes of a trace, and evicts others when they are too many. */
  grow(trace: RecordedTrace, bytes: number): void {
    trace.bytes += bytes;
    this.bytes += bytes;
    while (this.bytes > this.#limits.bytes) {
      if (!this.#evict()) return;
    }
  }

  /** Takes a trace out that is sent. It can still be found by its id. */
  keep(trace: RecordedTrace): void {
    this.#leave(trace);
    trace.status = 'kept';
    trace.root = undefined;
    trace.since = performance.now();
    this.#kept.append(trace);
    if (this.#kept.size > MAX_KEPT && this.#kept.first !== undefined) this.#forget(this.#kept.first);
  }

  /** The process ends: what waits for a reason gets none. */
  clear(): void {
    for (const list of [this.#open, this.#resting]) while (list.first !== undefined) this.#lose(list.first, 'process_end');
    while (this.#rows.first !== NO_TRACE) this.#loseParked('process_end');
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** Public for tests: lets fall out what has rested long enough at `now`. */
  sweep(now: number): void {
    for (let { first } = this.#resting; first !== undefined; first = this.#resting.first) {
      if (now - first.since < this.#limits.holdMs) break;
      this.#lose(first, 'fallen_out');
    }
    while (this.#rows.first !== NO_TRACE && now - this.#rows.since(this.#rows.first) >= this.#limits.holdMs) this.#loseParked('fallen_out');
    for (let { first } = this.#kept; first !== undefined; first = this.#kept.first) {
      if (now - first.since < KEPT_MS) break;
      this.#forget(first);
    }
  }

  /** Traces with a span that is never ended would take the room of those that rest. */
  #evict(): boolean {
    const open = this.#open.first;
    const resting = this.#resting.first;
    const isStale = open !== undefined && this.#lastReading - open.since > STALE_MS;
    const isParkedOlder = this.#rows.first !== NO_TRACE && (resting === undefined || this.#rows.since(this.#rows.first) <= resting.since);
    const first = isStale ? open : isParkedOlder ? undefined : (resting ?? open);
    if (first !== undefined) this.#lose(first, 'evicted');
    else if (isParkedOlder) this.#loseParked('evicted');
    else return false;
    return true;
  }

  #enter(trace: RecordedTrace): void {
    this.#watch();
    trace.row = this.#rows.enter(trace);
    trace.since = this.#lastReading;
    this.grow(trace, TRACE_BYTES);
  }

  #park(trace: RecordedTrace): void {
    trace.list?.remove(trace);
    this.grow(trace, ROW_BYTES - TRACE_BYTES);
    this.#rows.park(trace.row, trace);
    trace.status = 'parked';
    trace.bytes = 0;
    forgetBytes(trace);
  }

  #revive(trace: RecordedTrace, row: number): RecordedTrace {
    this.#rows.revive(row, trace);
    trace.row = row;
    trace.status = 'recorded';
    trace.hasRoot = true;
    // Another object may have stood for it meanwhile.
    trace.lastParentId = undefined;
    this.#resting.append(trace);
    this.grow(trace, TRACE_BYTES - ROW_BYTES);
    return trace;
  }

  /** Whether its row is not another's by now. */
  #hasRow({ row, serial }: RecordedTrace): boolean {
    return this.#rows.serial(row) === serial;
  }

  #loseParked(how: Loss): void {
    this.#rows.takeParked(this.#rows.first, this.#lost);
    this.packed.free(this.#lost);
    this.bytes -= this.#lost.bytes;
    this.losses[how]++;
  }

  #lose(trace: RecordedTrace, how: Loss): void {
    this.#leave(trace);
    this.#rows.leave(trace.row);
    trace.status = 'over';
    trace.root = undefined;
    trace.releaseAll();
    this.losses[how]++;
  }

  #leave(trace: RecordedTrace): void {
    trace.list?.remove(trace);
    this.packed.free(trace);
    this.bytes -= trace.bytes;
    trace.bytes = 0;
  }

  #forget(trace: RecordedTrace): void {
    trace.list?.remove(trace);
    this.#rows.leave(trace.row);
  }

  /** No timer runs while there is nothing to look at. One would hold the request that it was made in. */
  #watch(): void {
    if (this.#timer !== undefined) return;
    this.#lastReading = performance.now();
    this.#timer = context.with(ROOT_CONTEXT, () => setTimeout(() => this.#look(), SWEEP_MS).unref());
  }

  #look(): void {
    this.#timer = undefined;
    this.sweep(performance.now());
    if (this.#rows.size > 0) this.#watch();
  }
}
