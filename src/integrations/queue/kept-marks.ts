// Tells kept traces to the other processes of a queue. A recorded trace whose job goes through the
// queue has a half in each of them: the one that finds a reason to keep the trace writes a mark to
// the queue's own Redis, and the others read it. Halves that went over HTTP are found by it too,
// where their process uses the same Redis.
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
import type { QueueInstance, RedisClient } from './bullmq-module.js';
import { type MarkCounts, MarkExchange, type MarkHost } from './mark-exchange.js';
import { MarkStream } from './mark-stream.js';
import { addressOf, type OwnConnections, redisOf } from './own-connections.js';
import { prefixOf } from './queue-keys.js';

/** Pairs of a Redis and a prefix of keys. */
const MAX_EXCHANGES = 100;
/** Ids of others' traces that are remembered, for jobs that wait still. */
const MAX_HEARD = 5_000;

/** Traces that are kept in the moment before the client of a queue is known, and how long they are told for. */
const MAX_EARLY = 1_000;
const EARLY_MS = 30_000;
/** Queues whose client is waited for; it may never connect. */
const MAX_UNKNOWN = 1_000;

/** Where a queue is. */
interface Place {
  readonly hasRedis: boolean;
  /** Undefined until the queue's client is known. */
  exchange: MarkExchange | undefined;
}

export class KeptMarks implements MarkHost {
  readonly counts: MarkCounts = { written: 0, heard: 0, lost: 0 };
  readonly hasQueues: () => boolean;
  readonly #connections: OwnConnections;
  readonly #places = new WeakMap<QueueInstance, Place>();
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
  constructor(connections: OwnConnections, hasQueues: () => boolean) {
    this.#connections = connections;
    this.hasQueues = hasQueues;
  }

  /** A job was added in the trace of `span`: whoever will process it may keep the trace. */
  noteSent(span: SpanContext, queue: QueueInstance): void {
    if (isRecorderOn()) this.#note(recordingOf(span), queue);
  }

  /** A job was taken in the trace of `span`: whoever has added it, as `sender`, may keep the trace. */
  noteTaken(span: SpanContext, sender: SpanContext | undefined, queue: QueueInstance): void {
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

  /** Writes what waits, and ends. */
  async stop(): Promise<void> {
    this.#ignoreKept?.();
    this.#ignoreKept = undefined;
    await Promise.all([...this.#exchanges.values()].map((exchange) => exchange.flush()));
    for (const exchange of this.#exchanges.values()) exchange.stop();
    this.#exchanges.clear();
  }

  #note(recording: TraceRecording | undefined, queue: QueueInstance): void {
    if (recording === undefined || recording.state === 'over') return;
    this.#ignoreKept ??= onTraceKept((kept) => this.#onKept(kept));
    const { hasRedis, exchange } = this.#placeOf(queue);
    if (!hasRedis) recording.notes |= UNREACHABLE;
    exchange?.listen();
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

  #placeOf(queue: QueueInstance): Place {
    const known = this.#places.get(queue);
    if (known !== undefined) return known;
    const shared = redisOf(queue);
    const place: Place = { hasRedis: shared !== undefined, exchange: undefined };
    this.#places.set(queue, place);
    if (shared === undefined) return place;
    if (this.#unknown.size < MAX_UNKNOWN) this.#unknown.add(place);
    const prefix = prefixOf(queue);
    // Also where the client has options that we cannot read.
    shared.then((client) => this.#open(place, client, prefix)).catch(() => this.#unknown.delete(place));
    return place;
  }

  #open(place: Place, client: RedisClient, prefix: string): void {
    place.exchange = this.#exchangeOf(client, prefix);
    place.exchange?.listen();
    const tooOld = performance.now() - EARLY_MS;
    for (const [traceId, since] of this.#early) if (since > tooOld) place.exchange?.tell(traceId);
    this.#unknown.delete(place);
    if (this.#unknown.size === 0) this.#early.clear();
  }

  #exchangeOf(client: RedisClient, prefix: string): MarkExchange | undefined {
    const key = `${addressOf(client)} ${prefix}`;
    const known = this.#exchanges.get(key);
    if (known !== undefined || this.#exchanges.size >= MAX_EXCHANGES) return known;
    const made = new MarkExchange(new MarkStream(this.#connections, client, prefix), this);
    this.#exchanges.set(key, made);
    return made;
  }
}
