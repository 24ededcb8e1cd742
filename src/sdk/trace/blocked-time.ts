// The time in which the event loop was blocked while spans were open. A span that overlaps it says
// so: what it waited for was this process. A timer runs while there are open spans, and no longer;
// a span costs two comparisons at its end.
import { AsyncResource } from 'node:async_hooks';

const MIN_BLOCK_MS = 10;
/** So that what is not known of a block, where between two ticks it began, is small beside it. */
const TICKS_PER_BLOCK = 5;
const MAX_BLOCKS = 64;

interface Block {
  readonly from: number;
  readonly to: number;
}

/** All times are readings of `performance.now()`. */
export class BlockedTime {
  readonly #minMs: number;
  readonly #tickMs: number;
  readonly #timer: NodeJS.Timeout;
  readonly #restart: () => void;
  /** The last ones, oldest first. */
  readonly #blocks: Block[] = [];
  #lastEnd = Number.NEGATIVE_INFINITY;
  #openSpans = 0;
  /** The middle between two ticks, which is where a block begins on average. */
  #freeUntil = Number.POSITIVE_INFINITY;

  /** @param minMs shorter blocks do not count; at least 10 */
  constructor(minMs: number) {
    this.#minMs = Math.max(MIN_BLOCK_MS, minMs);
    this.#tickMs = Math.ceil(this.#minMs / TICKS_PER_BLOCK);
    this.#timer = setTimeout(() => this.#tick(), this.#tickMs).unref();
    // A timer that has run out takes over the context that sets it again: it would hold a request.
    this.#restart = AsyncResource.bind(() => {
      this.#timer.refresh();
    });
  }

  /** On the hot path of every span that is started. */
  spanStarted(): void {
    this.#openSpans++;
    if (this.#freeUntil !== Number.POSITIVE_INFINITY) return;
    this.#freeUntil = performance.now() + this.#tickMs / 2;
    this.#restart();
  }

  spanEnded(): void {
    this.#openSpans--;
  }

  /**
   * Seconds between `from` and `to` in which the loop was blocked, to the millisecond; 0 when it
   * was not. On the hot path of every span that ends.
   */
  within(from: number, to: number): number {
    return this.#lastEnd > from || to - this.#freeUntil >= this.#minMs ? this.#sum(from, to) : 0;
  }

  #sum(from: number, to: number): number {
    const now = performance.now();
    let sum = 0;
    // The tick itself may be waiting for its turn.
    if (now - this.#freeUntil >= this.#minMs) sum += overlap({ from: this.#freeUntil, to: now }, from, to);
    for (const block of this.#blocks) sum += overlap(block, from, to);
    return Math.round(sum) / 1000;
  }

  #tick(): void {
    const now = performance.now();
    if (now - this.#freeUntil >= this.#minMs) {
      this.#blocks.push({ from: this.#freeUntil, to: now });
      if (this.#blocks.length > MAX_BLOCKS) this.#blocks.shift();
      this.#lastEnd = now;
    }
    if (this.#openSpans === 0) this.#freeUntil = Number.POSITIVE_INFINITY;
    else {
      this.#freeUntil = now + this.#tickMs / 2;
      this.#timer.refresh();
    }
  }
}

function overlap(block: Block, from: number, to: number): number {
  return Math.max(0, Math.min(block.to, to) - Math.max(block.from, from));
}
