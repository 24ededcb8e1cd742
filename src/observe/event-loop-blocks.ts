// The stretches in which the event loop was blocked while operations waited for answers: an answer
// that nobody could read does not make a slow server. Looked at only for what seems slow; until
// then it costs a timer that runs while there are operations.
import { warn } from '../diagnose/diagnostics.js';

/** A tick that comes late by its own length or more is a block. */
const MIN_TICK_MS = 10;
const MAX_TICK_MS = 250;
/** Ticks per threshold, so that what is missed of a block is small beside it. */
const TICKS_PER_THRESHOLD = 4;
const MAX_BLOCKS = 64;
const REPORT_EVERY_MS = 60_000;

interface Block {
  readonly from: number;
  readonly to: number;
}

/** One for each kind of server that integrations talk to. */
const watches = new Set<EventLoopBlocks>();

/**
 * The longest block that has ended since then and that anybody noticed, in ms: only while there
 * were operations is it looked for.
 */
export function longestKnownBlockMs(since: number): number | undefined {
  const found = [...watches].flatMap((watch) => watch.longestMs(since) ?? []);
  return found.length === 0 ? undefined : Math.max(...found);
}

/** All times are those of `performance.now()`. */
export class EventLoopBlocks {
  readonly #slowMs: number;
  readonly #tickMs: number;
  readonly #timer: NodeJS.Timeout;
  /** Oldest first. */
  readonly #blocks: Block[] = [];
  #isRunning = false;
  #isUsed = false;
  #unusedTicks = 0;
  #dueAt = 0;
  #reportedAt = Number.NEGATIVE_INFINITY;
  #unreported = 0;

  /** @param slowMs what takes less is never asked about */
  constructor(slowMs: number) {
    this.#slowMs = slowMs;
    this.#tickMs = Math.min(MAX_TICK_MS, Math.max(MIN_TICK_MS, slowMs / TICKS_PER_THRESHOLD));
    // Once past the threshold without an answer, an operation is slow whatever comes: nothing needs
    // to be watched for it any more.
    const maxUnusedTicks = Math.ceil(slowMs / this.#tickMs) + 1;
    // One timer, made here and set again: it keeps no context of a request.
    this.#timer = setTimeout(() => this.#tick(maxUnusedTicks), this.#tickMs).unref();
    this.#isRunning = true;
    this.#dueAt = performance.now() + this.#tickMs;
    watches.add(this);
  }

  /** The longest block that has ended since then. */
  longestMs(since: number): number | undefined {
    const found = this.#blocks.flatMap(({ from, to }) => (to >= since ? [to - from] : []));
    return found.length === 0 ? undefined : Math.max(...found);
  }

  /** An operation begins. On the hot path. */
  watch(): void {
    this.#isUsed = true;
    if (!this.#isRunning) this.#restart(performance.now());
  }

  /** From `from` on, until now, an operation waited in this process to be sent. */
  noteUnsent(from: number): void {
    this.#note(from, performance.now());
  }

  /**
   * For how long, from `from` to now, an answer that was read just now may have waited for the
   * event loop. After a short block the loop has looked again and there was none: only the last
   * block counts then. A block as long as the threshold always does, since it may have held up a
   * step before the answer.
   */
  blockedMs(from: number): number {
    const now = performance.now();
    // The tick itself may be waiting for its turn.
    if (this.#isRunning && this.#note(this.#dueAt, now)) this.#restart(now);
    return this.#blocks
      .filter((block) => block.to - block.from >= this.#slowMs || now - block.to < this.#tickMs)
      .reduce((sum, block) => sum + Math.max(0, block.to - Math.max(block.from, from)), 0);
  }

  /**
   * Says that the loop was blocked, at most once a minute.
   * @param what has waited, with its article: `a Redis command`
   * @param name from a fixed set
   */
  report(what: string, name: string, durationMs: number, blockedMs: number): void {
    const now = performance.now();
    if (now - this.#reportedAt < REPORT_EVERY_MS) {
      this.#unreported++;
      return;
    }
    const more = this.#unreported === 0 ? '' : `, and for ${this.#unreported} more since the last such line`;
    this.#reportedAt = now;
    this.#unreported = 0;
    warn('SIETCH176', `for ${Math.round(blockedMs)} of the ${Math.round(durationMs)} ms that ${what} took (${name})${more}`);
  }

  #tick(maxUnusedTicks: number): void {
    const now = performance.now();
    this.#note(this.#dueAt, now);
    this.#unusedTicks = this.#isUsed ? 0 : this.#unusedTicks + 1;
    this.#isUsed = false;
    if (this.#unusedTicks <= maxUnusedTicks) this.#restart(now);
    else this.#isRunning = false;
  }

  #restart(now: number): void {
    this.#isRunning = true;
    this.#dueAt = now + this.#tickMs;
    this.#timer.refresh();
  }

  /** Returns whether it was a block. Blocks do not overlap. */
  #note(since: number, to: number): boolean {
    const from = Math.max(since, this.#blocks.at(-1)?.to ?? since);
    if (to - from < this.#tickMs) return false;
    this.#blocks.push({ from, to });
    if (this.#blocks.length > MAX_BLOCKS) this.#blocks.shift();
    return true;
  }
}
