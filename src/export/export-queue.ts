// Items of one signal on their way out: bounded in number and bytes, sent in batches, one export at a time, tried again with growing pauses.
// Nothing here makes the app wait, except flush(), which has a deadline.

import { untraced } from '../context/untraced.js';
import { withHardDeadline } from '../node/deadline.js';
import { backoffMs } from './backoff.js';
import { type DropCause, Drops } from './drops.js';
import { sayExportTrouble } from './export-trouble.js';
import type { HandedRequest, Sender, SendResult } from './sender.js';

export interface QueueLimits {
  /** Items kept, those being sent included. */
  readonly items: number;
  /** Bytes kept (estimated), those being sent included. */
  readonly bytes: number;
  /** Items of one export. */
  readonly batchItems: number;
  /** Longest wait of an item before it is sent, in ms. */
  readonly delayMs: number;
  /** Longest time of one export, in ms. */
  readonly timeoutMs: number;
}

/** Collectors refuse larger requests (4 MiB is gRPC's default). */
const BATCH_BYTES = 3 * 1024 * 1024;

/** A batch on its way to the worker of the hand-over. */
export interface HandedBatch {
  readonly count: number;
  readonly request: HandedRequest | undefined;
}

interface Batch<T> {
  readonly items: readonly T[];
  readonly bytes: number;
}

type SentResult = Extract<SendResult, { status: 'sent' }>;

/** A queue, whatever its items. */
export type AnyQueue = Omit<ExportQueue<unknown>, 'add'>;

export class ExportQueue<T> {
  /** In words: `spans` or `logs`. */
  readonly what: string;
  readonly drops: Drops;
  /** Of a queue of metrics: what the collector refused of exports that it took. */
  readonly pointDrops = new Drops('data points');
  made = 0;
  sent = 0;
  failures = 0;
  readonly #sender: Sender<T>;
  readonly #limits: QueueLimits;
  readonly #sizeOf: (item: T) => number;
  #waiting: T[] = [];
  #sizes: number[] = [];
  #bytes = 0;
  /** Being sent, or waiting to be tried again. */
  #flight: Batch<T> | undefined;
  #attempt: Promise<boolean> | undefined;
  #attempts = 0;
  #timer: NodeJS.Timeout | undefined;
  /** The timer stands for a full batch. */
  #isDue = false;
  /** Set while a collector's own wish (Retry-After) keeps us waiting. */
  #heldUntil = 0;
  #ended: 'no' | 'shut down' | 'exiting' = 'no';
  #onLate: (() => void) | undefined;

  constructor(what: string, sender: Sender<T>, limits: QueueLimits, sizeOf: (item: T) => number) {
    this.what = what;
    this.#sender = sender;
    this.drops = new Drops(what);
    this.#limits = limits;
    this.#sizeOf = sizeOf;
  }

  /** Fullness by number or bytes, whichever is more; from 0 to 1. */
  get fill(): number {
    return Math.min(1, Math.max(this.#count / this.#limits.items, this.#bytes / this.#limits.bytes));
  }

  /** Where to, for people. */
  get target(): string {
    return this.#sender.target;
  }

  /** Whether an unfinished export keeps the process alive. */
  get holdsProcess(): boolean {
    return this.#sender.holdsProcess;
  }

  get isEmpty(): boolean {
    return this.#count === 0;
  }

  get #count(): number {
    return this.#waiting.length + (this.#flight?.items.length ?? 0);
  }

  /** Takes an item; one that has no room is dropped and counted. */
  add(item: T): void {
    this.made++;
    const size = this.#count >= this.#limits.items ? 0 : this.#measure(item);
    const cause = this.#whyNot(size);
    if (cause !== undefined) {
      this.drops.add(cause, 1);
      return;
    }
    this.#bytes += size;
    this.#sizes.push(size);
    this.#waiting.push(item);
    if (this.#ended === 'exiting') this.#onLate?.();
    else this.#schedule();
  }

  /**
   * Sends what is here. Resolves when it is sent, when an export fails, or after `deadlineMs`; never rejects. A pending retry is made now, but not
   * against a Retry-After.
   * @param hold whether it keeps the process alive meanwhile.
   */
  async flush(deadlineMs: number, hold = true): Promise<void> {
    if (this.isEmpty) return;
    await withHardDeadline(this.#drain(), deadlineMs, hold).catch(() => {});
  }

  /** Flushes and takes no more. */
  async shutdown(deadlineMs: number): Promise<void> {
    await this.flush(deadlineMs);
    this.#ended = 'shut down';
    this.#clearTimer();
    if (this.isEmpty) await this.#sender.shutdown();
  }

  /**
   * Everything that is not known to have arrived, as requests for the hand-over at exit; the queue stops sending by itself. `onLate` is called for
   * each item that comes later.
   */
  handOver(onLate: () => void): HandedBatch[] {
    if (this.#ended === 'no') this.#ended = 'exiting';
    this.#onLate = onLate;
    this.#clearTimer();
    const batches = this.#flight === undefined ? [] : [this.#flight];
    this.#flight = undefined;
    while (this.#waiting.length > 0) batches.push(this.#nextBatch());
    this.#bytes = 0;
    return batches.map(({ items }) => {
      const request = this.#sender.handOver(items);
      const unencodable = request?.unencodable ?? 0;
      this.drops.add('unencodable', unencodable);
      return { count: items.length - unencodable, request };
    });
  }

  /** NaN for what cannot be weighed: it would not be encoded either. */
  #measure(item: T): number {
    try {
      return this.#sizeOf(item);
    } catch {
      return Number.NaN;
    }
  }

  #whyNot(size: number): DropCause | undefined {
    if (this.#ended === 'shut down') return 'shut_down';
    if (this.#count >= this.#limits.items) return 'queue_full';
    if (!(size >= 0)) return 'unencodable';
    return this.#bytes + size > this.#limits.bytes ? 'queue_bytes' : undefined;
  }

  #schedule(): void {
    if (this.#flight !== undefined) return;
    const full = this.#waiting.length >= this.#limits.batchItems || this.#bytes >= BATCH_BYTES;
    if (this.#timer !== undefined && (this.#isDue || !full)) return;
    this.#clearTimer();
    this.#startTimer(full ? 0 : this.#limits.delayMs, () => void this.#next());
    this.#isDue = full;
  }

  /** One attempt of the batch in flight, or of the next one; false when it is to be tried again later. */
  #next(): Promise<boolean> {
    this.#clearTimer();
    this.#flight ??= this.#nextBatch();
    this.#attempt = this.#try(this.#flight).finally(() => {
      this.#attempt = undefined;
    });
    return this.#attempt;
  }

  async #try(batch: Batch<T>): Promise<boolean> {
    const result = await untraced(() => this.#sender.send(batch.items, this.#limits.timeoutMs)).catch(unexpected);
    if (this.#flight !== batch) return false; // Taken for the hand-over meanwhile.
    sayExportTrouble(this.what, this.#sender.target, result);
    if (result.status === 'retry') return this.#tryLater(result.afterMs);
    this.#settle(batch, result);
    return true;
  }

  #tryLater(wish: number | undefined): false {
    this.failures++;
    this.#attempts++;
    const pause = backoffMs(this.#attempts, wish);
    this.#heldUntil = wish === undefined ? 0 : Date.now() + pause;
    if (this.#ended === 'no') this.#startTimer(pause, () => void this.#next());
    return false;
  }

  #settle(batch: Batch<T>, result: SendResult): void {
    if (result.status === 'sent') this.#countSent(batch.items.length, result);
    else {
      this.failures++;
      this.drops.add(result.status === 'failed' ? (result.cause ?? 'refused') : 'refused', batch.items.length);
    }
    this.#flight = undefined;
    this.#attempts = 0;
    this.#heldUntil = 0;
    this.#bytes -= batch.bytes;
    if (this.#waiting.length > 0 && this.#ended === 'no') this.#schedule();
  }

  #countSent(items: number, { partial, unencodable = 0 }: SentResult): void {
    const rejected = partial?.unit === 'items' ? Math.min(partial.rejected, items - unencodable) : 0;
    this.sent += items - unencodable - rejected;
    this.drops.add('unencodable', unencodable);
    this.drops.add('refused', rejected);
    if (partial?.unit === 'data points') this.pointDrops.add('refused', partial.rejected);
  }

  async #drain(): Promise<void> {
    while (!this.isEmpty && this.#ended !== 'exiting') {
      if (this.#attempt === undefined && Date.now() < this.#heldUntil) return;
      if (!(await (this.#attempt ?? this.#next()))) return;
    }
  }

  #nextBatch(): Batch<T> {
    let count = 0;
    let bytes = 0;
    while (count < this.#waiting.length && count < this.#limits.batchItems && (count === 0 || bytes < BATCH_BYTES)) {
      bytes += this.#sizes[count] ?? 0;
      count++;
    }
    this.#sizes.splice(0, count);
    return { items: this.#waiting.splice(0, count), bytes };
  }

  /** Timers of ours neither keep the process alive nor hold on to the context of the request that happened to start them. */
  #startTimer(ms: number, run: () => void): void {
    this.#timer = untraced(() => setTimeout(run, ms));
    this.#timer.unref();
  }

  #clearTimer(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#isDue = false;
  }
}

function unexpected(error: unknown): SendResult {
  return { status: 'failed', reason: error instanceof Error ? error.name : typeof error, cause: 'unencodable' };
}
