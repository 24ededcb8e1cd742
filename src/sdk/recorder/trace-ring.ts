// The ring of recorded traces, bounded in bytes and in time. A trace rests when none of its spans
// is open; what has rested longest goes first.
import { context, ROOT_CONTEXT } from '@opentelemetry/api';
import { PackedSpans } from './packed-spans.js';
import { TRACE_BYTES } from './recorded-size.js';
import type { RecordedTrace } from './recorded-trace.js';
import { TraceList } from './trace-list.js';

export interface RingLimits {
  /** Of all traces. */
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
  readonly #byId = new Map<string, RecordedTrace>();
  /** In the order in which they began; in which they came to rest; in which they were kept. */
  readonly #open = new TraceList<RecordedTrace>();
  readonly #resting = new TraceList<RecordedTrace>();
  readonly #kept = new TraceList<RecordedTrace>();
  #timer: NodeJS.Timeout | undefined;

  constructor(limits: RingLimits) {
    this.#limits = limits;
    this.packed = new PackedSpans(limits.bytes);
  }

  /** Of recorded traces; those that were kept are not counted. */
  get size(): number {
    return this.#open.size + this.#resting.size;
  }

  find(traceId: string): RecordedTrace | undefined {
    return this.#byId.get(traceId);
  }

  /** It rests until its first span starts, which may fail. */
  add(trace: RecordedTrace): void {
    this.#byId.set(trace.traceId, trace);
    this.rest(trace);
    this.#watch();
    this.grow(trace, TRACE_BYTES);
  }

  /** A span of a trace that rested has started. */
  reopen(trace: RecordedTrace): void {
    if (trace.list !== this.#resting) return;
    trace.since = performance.now();
    this.#open.append(trace);
  }

  /** The last open span of a trace has ended. */
  rest(trace: RecordedTrace): void {
    trace.since = performance.now();
    this.#resting.append(trace);
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
      const first = this.#firstToGo();
      if (first === undefined) return;
      this.#lose(first, 'evicted');
    }
  }

  /** Takes a trace out that is sent. It can still be found by its id. */
  keep(trace: RecordedTrace): void {
    this.#leave(trace);
    trace.state = 'kept';
    trace.root = undefined;
    trace.since = performance.now();
    this.#kept.append(trace);
    if (this.#kept.size > MAX_KEPT && this.#kept.first !== undefined) this.#forget(this.#kept.first);
  }

  /** The process ends: what waits for a reason gets none. */
  clear(): void {
    for (const list of [this.#open, this.#resting]) while (list.first !== undefined) this.#lose(list.first, 'process_end');
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** Public for tests: lets fall out what has rested long enough at `now`. */
  sweep(now: number): void {
    for (let { first } = this.#resting; first !== undefined; first = this.#resting.first) {
      if (now - first.since < this.#limits.holdMs) break;
      this.#lose(first, 'fallen_out');
    }
    for (let { first } = this.#kept; first !== undefined; first = this.#kept.first) {
      if (now - first.since < KEPT_MS) break;
      this.#forget(first);
    }
  }

  /** Traces with a span that is never ended would take the room of those that rest. */
  #firstToGo(): RecordedTrace | undefined {
    const open = this.#open.first;
    const isStale = open !== undefined && performance.now() - open.since > STALE_MS;
    return isStale ? open : (this.#resting.first ?? open);
  }

  #lose(trace: RecordedTrace, how: Loss): void {
    this.#leave(trace);
    this.#byId.delete(trace.traceId);
    trace.state = 'over';
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
    this.#byId.delete(trace.traceId);
  }

  /** No timer runs while there is nothing to look at. One would hold the request that it was made in. */
  #watch(): void {
    this.#timer ??= context.with(ROOT_CONTEXT, () => setTimeout(() => this.#look(), SWEEP_MS).unref());
  }

  #look(): void {
    this.#timer = undefined;
    this.sweep(performance.now());
    if (this.#byId.size > 0) this.#watch();
  }
}
