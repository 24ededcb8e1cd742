// Tells kept traces to the other processes of a queue. A recorded trace whose job goes through the
// queue has a half in each of them: the one that finds a reason to keep the trace writes a mark to
// the Redis or PostgreSQL that the queue is in, and the others read it. Halves that went over HTTP
// are found by it too, where their process uses the same server for its queues.
import type { SpanContext } from '@opentelemetry/api';
import { isHeldBefore } from '../../context/recorded-mark.js';
import {
  isRecorderOn,
  type KeptTrace,
  keepTraceById,
  onTraceKept,
  recordingOf,
  type TraceRecording,
  UNREACHABLE,
} from '../../context/trace-recording.js';
import { BoundedCache } from '../../observe/bounded-cache.js';
import { type MarkCounts, MarkExchange, type MarkHost, type Marks } from './mark-exchange.js';

/** Where the processes of a queue tell one another of kept traces. */
export interface MarkPlace {
  /** The same for all queues that have this place. */
  readonly address: string;
  open(): Marks;
}

/** Undefined for a queue without such a place; pending for as long as it is not known. */
export type FindPlace<Queue> = (queue: Queue) => Promise<MarkPlace> | undefined;

/** Servers, and on each of them prefixes of keys. */
const MAX_EXCHANGES = 100;
/** Ids of others' traces that are remembered, for jobs that wait still. */
const MAX_HEARD = 5_000;

/** Traces that are kept in the moment before the client of a queue is known, and how long they are told for. */
const MAX_EARLY = 1_000;
const EARLY_MS = 30_000;
/** Queues whose client is waited for; it may never connect. */
const MAX_UNKNOWN = 1_000;

/** The exchange of a queue. */
interface Place {
  /** Undefined until the queue's client is known. */
  exchange: MarkExchange | undefined;
}

export class KeptMarks<Queue extends object> implements MarkHost {
  readonly counts: MarkCounts = { written: 0, heard: 0, lost: 0 };
  readonly hasQueues: () => boolean;
  readonly #find: FindPlace<Queue>;
  readonly #places = new WeakMap<Queue, Place>();
  readonly #exchanges = new Map<string, MarkExchange>();
  readonly #heard = new BoundedCache<string, true>(MAX_HEARD);
  /** Places whose client is not known yet. */
  readonly #unknown = new Set<Place>();
  /** Ids that are to be told where those turn out to be, the oldest first, with the time at which they came. */
  readonly #early = new Map<string, number>();
  /** Where the mark that is followed now was read. */
  #source: MarkExchange | undefined;
  #ignoreKept: (() => void) | undefined;

  /** @param hasQueues while there is none, the connections are closed */
  constructor(find: FindPlace<Queue>, hasQueues: () => boolean) {
    this.#find = find;
    this.hasQueues = hasQueues;
  }

  /** A job was added in the trace of `span`: whoever will process it may keep the trace. */
  noteSent(span: SpanContext | undefined, queue: Queue): void {
    if (isRecorderOn()) this.#note(recordingOf(span), queue);
  }

  /** A job was taken in the trace of `span`: whoever has added it, as `sender`, may keep the trace. */
  noteTaken(span: SpanContext, sender: SpanContext | undefined, queue: Queue): void {
    if (!isRecorderOn() || !isHeldBefore(sender)) return;
    const recording = recordingOf(span);
    this.#note(recording, queue);
    // Kept by another process while the job has waited.
    if (recording?.state === 'recorded' && this.#heard.get(span.traceId)) recording.keep('downstream');
  }

  hear(traceId: string, from: MarkExchange): void {
    this.#heard.set(traceId, true);
    this.#source = from;
    try {
      keepTraceById(traceId, 'downstream');
    } finally {
      this.#source = undefined;
    }
  }

  /** The queue is closed: writes what waits, and ends, where no other queue has its place. */
  async forget(queue: Queue): Promise<void> {
    const exchange = this.#places.get(queue)?.exchange;
    for (const [address, known] of this.#exchanges) if (known === exchange) this.#exchanges.delete(address);
    this.#places.delete(queue);
    await exchange?.flush();
    exchange?.stop();
  }

  /** Writes what waits, and ends. */
  async stop(): Promise<void> {
    this.#ignoreKept?.();
    this.#ignoreKept = undefined;
    await Promise.all([...this.#exchanges.values()].map((exchange) => exchange.flush()));
    for (const exchange of this.#exchanges.values()) exchange.stop();
    this.#exchanges.clear();
  }

  #note(recording: TraceRecording | undefined, queue: Queue): void {
    if (recording === undefined || recording.state === 'over') return;
    this.#ignoreKept ??= onTraceKept((kept) => this.#onKept(kept));
    const place = this.#placeOf(queue);
    if (place === undefined) recording.notes |= UNREACHABLE;
    else place.exchange?.listen();
  }

  #onKept({ traceId, root }: KeptTrace): void {
    if (this.#source !== undefined) this.counts.heard++;
    const recording = recordingOf(root);
    if (recording !== undefined && (recording.notes & UNREACHABLE) !== 0) this.counts.lost++;
    if (this.#unknown.size > 0) this.#tellLater(traceId, performance.now());
    for (const exchange of this.#exchanges.values()) if (exchange !== this.#source && exchange.isListening) exchange.tell(traceId);
  }

  #tellLater(traceId: string, now: number): void {
    this.#early.set(traceId, now);
    for (const [oldest, since] of this.#early) {
      if (this.#early.size <= MAX_EARLY && now - since < EARLY_MS) return;
      this.#early.delete(oldest);
    }
  }

  /** One without a place is asked again: it may not be started yet. */
  #placeOf(queue: Queue): Place | undefined {
    const known = this.#places.get(queue);
    if (known !== undefined) return known;
    const found = this.#find(queue);
    if (found === undefined) return undefined;
    const place: Place = { exchange: undefined };
    this.#places.set(queue, place);
    if (this.#unknown.size < MAX_UNKNOWN) this.#unknown.add(place);
    // Also where the client has options that we cannot read.
    found.then((there) => this.#open(place, there)).catch(() => this.#unknown.delete(place));
    return place;
  }

  #open(place: Place, there: MarkPlace): void {
    place.exchange = this.#exchangeOf(there);
    place.exchange?.listen();
    const tooOld = performance.now() - EARLY_MS;
    for (const [traceId, since] of this.#early) if (since > tooOld) place.exchange?.tell(traceId);
    this.#unknown.delete(place);
    if (this.#unknown.size === 0) this.#early.clear();
  }

  #exchangeOf({ address, open }: MarkPlace): MarkExchange | undefined {
    const known = this.#exchanges.get(address);
    if (known !== undefined || this.#exchanges.size >= MAX_EXCHANGES) return known;
    const made = new MarkExchange(open(), this);
    this.#exchanges.set(address, made);
    return made;
  }
}
