// The export queue of one signal: bounded in items and bytes, sent in batches, a few of them at once
// when full batches wait, retried with backoff. It never makes the app wait, except in flush(),
// which has a deadline.

import { untraced } from '../context/untraced.js';
import { withHardDeadline } from '../node/deadline.js';
import { Backoff } from './backoff.js';
import { type DropCause, Drops } from './drops.js';
import { ExportCounts } from './export-counts.js';
import { reportExportResult } from './export-trouble.js';
import type { HandedRequest, Sender, SendResult } from './sender.js';
import { WaitingItems } from './waiting-items.js';

export interface QueueLimits {
  /** Items kept, those being sent for the first time not included. */
  readonly items: number;
  /** Bytes kept (estimated), those being sent included. */
  readonly bytes: number;
  /** Items of one export. */
  readonly batchItems: number;
  /**
   * Exports at once. With one, a busy event loop, which reads the answer a turn or two later, could
   * send one batch in that time, however many spans end meanwhile.
   */
  readonly exports: number;
  /** Longest wait of an item before it is sent, in ms. */
  readonly delayMs: number;
  /** Longest time of one export, in ms. */
  readonly timeoutMs: number;
  /** What a full queue drops: the oldest that waits, instead of what is new. */
  readonly keepsNewest?: boolean;
}

/** A batch that is handed to the worker thread at exit. */
export interface HandedBatch {
  readonly count: number;
  readonly request: HandedRequest | undefined;
}

interface Batch<T> {
  readonly items: readonly T[];
  readonly bytes: number;
  hasFailed?: boolean;
  /** Time of the first attempt, of `performance.now()`. */
  startedAt?: number;
}

type FinalResult = Exclude<SendResult, { status: 'retry' }>;
type SentResult = Extract<SendResult, { status: 'sent' }>;

/** An export queue of any signal. */
export type AnyQueue = Omit<ExportQueue<unknown>, 'add'>;

export class ExportQueue<T> {
  /** Name of the items in messages: `spans` or `logs`. */
  readonly what: string;
  readonly drops: Drops;
  /** Data points of metric exports that the collector rejected (partial success). */
  readonly pointDrops = new Drops('data points');
  readonly counts = new ExportCounts();
  made = 0;
  sent = 0;
  failures = 0;
  readonly #sender: Sender<T>;
  readonly #limits: QueueLimits;
  readonly #sizeOf: (item: T) => number;
  readonly #countOf: (item: T) => number;
  readonly #waiting: WaitingItems<T>;
  /** The size of all items that are here, those being sent included. */
  #bytes = 0;
  /** Batches that are being sent; each promise says whether that is over, or has to be retried. */
  readonly #flights = new Map<Batch<T>, Promise<boolean>>();
  /** Batches that wait for their retry. */
  #failed: Batch<T>[] = [];
  /** Items of batches that have failed, also while they are sent again. */
  #failedItems = 0;
  readonly #backoff = new Backoff(() => this.#retry());
  /** Ends the wait of items that make no full batch, when nothing is being sent. */
  #timer: NodeJS.Timeout | undefined;
  #isStarting = false;
  #ended: 'no' | 'shut down' | 'exiting' = 'no';
  #onLate: (() => void) | undefined;

  /** @param countOf how many things an item is in the counts: of metrics its data points */
  constructor(what: string, sender: Sender<T>, limits: QueueLimits, sizeOf: (item: T) => number, countOf = (_item: T): number => 1) {
    this.what = what;
    this.#sender = sender;
    this.drops = new Drops(what);
    this.#limits = limits;
    this.#waiting = new WaitingItems(limits.batchItems);
    this.#sizeOf = sizeOf;
    this.#countOf = countOf;
  }

  /** Fullness by number or bytes, whichever is more; from 0 to 1. */
  get fill(): number {
    return Math.min(1, Math.max(this.#kept / this.#limits.items, this.#bytes / this.#limits.bytes));
  }

  /** Items that wait to be passed to the exporter. */
  get size(): number {
    return this.#waiting.length;
  }

  get capacity(): number {
    return this.#limits.items;
  }

  /** Items that are being exported, or wait for a retry. */
  get inflight(): number {
    return [...this.#flights.keys(), ...this.#failed].reduce((all, { items }) => all + this.#countAll(items), 0);
  }

  /** Kind of the exporter, by its name in the semantic conventions. */
  get exporterType(): string | undefined {
    return this.#sender.type;
  }

  /** The endpoint, for messages. */
  get target(): string {
    return this.#sender.target;
  }

  /** Whether an unfinished export keeps the process alive. */
  get holdsProcess(): boolean {
    return this.#sender.holdsProcess;
  }

  get isEmpty(): boolean {
    return !this.#isWaiting && this.#flights.size === 0;
  }

  get #kept(): number {
    return this.#waiting.length + this.#failedItems;
  }

  /** Whether there is something that is not being sent. */
  get #isWaiting(): boolean {
    return this.#waiting.length > 0 || this.#failed.length > 0;
  }

  /** Whether a batch does not have to wait for more items. */
  get #isBatchDue(): boolean {
    return this.#failed.length > 0 || this.#waiting.hasFullBatch;
  }

  get #hasRoom(): boolean {
    return this.#flights.size < this.#limits.exports;
  }

  /** Adds an item; without room for it, it is dropped and counted. */
  add(item: T): void {
    this.made++;
    if (this.#limits.keepsNewest === true && this.#kept >= this.#limits.items) this.#dropOldest();
    const size = this.#kept >= this.#limits.items ? 0 : this.#measure(item);
    const cause = this.#dropCause(size);
    if (cause !== undefined) {
      this.drops.add(cause, 1);
      this.counts.refuse(cause);
      return;
    }
    this.#bytes += size;
    this.#waiting.push(item, size);
    if (this.#ended === 'exiting') this.#onLate?.();
    else this.#schedule();
  }

  /**
   * Sends what is here. Resolves when it is sent, when an export fails, or after `deadlineMs`;
   * never rejects. A pending retry is made now, unless Retry-After forbids it.
   * @param hold whether it keeps the process alive meanwhile.
   */
  async flush(deadlineMs: number, hold = true): Promise<void> {
    if (this.isEmpty) return;
    await withHardDeadline(this.#drain(), deadlineMs, hold).catch(() => {});
  }

  /** Flushes and accepts no further items. */
  async shutdown(deadlineMs: number): Promise<void> {
    await this.flush(deadlineMs);
    this.#ended = 'shut down';
    this.#clearTimers();
    if (this.isEmpty) await this.#sender.shutdown();
  }

  /**
   * Returns every item that has not been acknowledged, as requests for the hand-over at exit, and
   * stops sending. `onLate` is called for each item that is added later.
   */
  handOver(onLate: () => void): HandedBatch[] {
    if (this.#ended === 'no') this.#ended = 'exiting';
    this.#onLate = onLate;
    this.#clearTimers();
    const batches = [...this.#flights.keys(), ...this.#failed];
    this.#flights.clear();
    this.#failed = [];
    this.#failedItems = 0;
    while (this.#waiting.length > 0) batches.push(this.#nextBatch());
    this.#bytes = 0;
    return batches.map(({ items }) => {
      const request = this.#sender.handOver(items);
      const unencodable = request?.unencodable ?? 0;
      this.drops.add('unencodable', unencodable);
      return { count: items.length - unencodable, request };
    });
  }

  /** The size of an item; NaN when it cannot be measured, as it could not be encoded either. */
  #measure(item: T): number {
    try {
      return this.#sizeOf(item);
    } catch {
      return Number.NaN;
    }
  }

  #dropCause(size: number): DropCause | undefined {
    if (this.#ended === 'shut down') return 'shut_down';
    if (this.#kept >= this.#limits.items) return 'queue_full';
    if (!(size >= 0)) return 'unencodable';
    return this.#bytes + size > this.#limits.bytes ? 'queue_bytes' : undefined;
  }

  #dropOldest(): void {
    const size = this.#waiting.shift();
    if (size === undefined) return;
    this.#bytes -= size;
    this.drops.add('queue_full', 1);
    this.counts.refuse('queue_full');
  }

  #schedule(): void {
    // After a failure one retry finds out whether the collector is back, before anything else goes.
    if (this.#backoff.isOn) return;
    if (this.#isBatchDue) this.#startSoon();
    else if (this.#timer === undefined && this.#flights.size === 0) this.#startTimer();
  }

  /**
   * Starts exports when the code that ended the span is through. A timer or an immediate would come
   * after all that is ready in this turn of a busy event loop, and a full queue before it.
   */
  #startSoon(): void {
    if (this.#isStarting || !this.#hasRoom) return;
    this.#isStarting = true;
    untraced(() => process.nextTick(() => this.#startDue()));
  }

  #startDue(): void {
    this.#isStarting = false;
    while (this.#ended === 'no' && !this.#backoff.isOn && this.#isBatchDue && this.#hasRoom) this.#next();
  }

  /** Exports a batch that waits for its retry, or the next one, once. */
  #next(): void {
    this.#clearTimers();
    const batch = this.#failed.shift() ?? this.#nextBatch();
    this.#flights.set(batch, this.#try(batch));
  }

  /** Resolves with false when the batch has to be retried later. */
  async #try(batch: Batch<T>): Promise<boolean> {
    batch.startedAt ??= performance.now();
    const result = await untraced(() => this.#sender.send(batch.items, this.#limits.timeoutMs)).catch(unexpected);
    if (!this.#flights.delete(batch)) return false; // The hand-over has taken it meanwhile.
    reportExportResult(this.what, this.#sender.target, result);
    if (result.status === 'retry') return this.#retryLater(batch, result.afterMs);
    this.#settle(batch, result);
    return true;
  }

  #retryLater(batch: Batch<T>, retryAfterMs: number | undefined): false {
    this.failures++;
    this.#failed.push(batch);
    if (batch.hasFailed !== true) this.#failedItems += batch.items.length;
    batch.hasFailed = true;
    this.#backoff.fail(retryAfterMs);
    return false;
  }

  #retry(): void {
    if (this.#ended === 'no' && this.#failed.length > 0) this.#next();
  }

  #settle(batch: Batch<T>, result: FinalResult): void {
    this.counts.settle(this.#countAll(batch.items), (performance.now() - (batch.startedAt ?? 0)) / 1000, result);
    if (result.status === 'sent') this.#countSent(batch.items.length, result);
    else {
      this.failures++;
      this.drops.add(result.cause ?? 'refused', batch.items.length);
    }
    this.#bytes -= batch.bytes;
    if (batch.hasFailed === true) this.#failedItems -= batch.items.length;
    this.#backoff.succeed();
    if (this.#isWaiting && this.#ended === 'no') this.#schedule();
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
      while (this.#isWaiting && this.#hasRoom && !this.#backoff.isImposed) this.#next();
      if (this.#flights.size === 0) return;
      const areOver = await Promise.all(this.#flights.values());
      if (areOver.includes(false)) return;
    }
  }

  #nextBatch(): Batch<T> {
    const batch = this.#waiting.takeBatch();
    this.counts.processed += batch.items.length;
    return batch;
  }

  #countAll(items: readonly T[]): number {
    return items.reduce((all, item) => all + this.#countOf(item), 0);
  }

  #startTimer(): void {
    this.#timer = untraced(() => setTimeout(() => this.#next(), this.#limits.delayMs));
    this.#timer.unref();
  }

  #clearTimers(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#backoff.endPause();
  }
}

function unexpected(error: unknown): SendResult {
  return { status: 'failed', reason: error instanceof Error ? error.name : typeof error, cause: 'unencodable' };
}
