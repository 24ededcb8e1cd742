// What is slow for a span of a given name: over the 99th percentile of the last minutes. Durations
// are counted in buckets, each 19 % wider than the one before, in two windows of time.

/** Length of a window in ms; a duration counts for one to two of them. */
const WINDOW_MS = 150_000;
/** With fewer durations no percentile is known, and nothing is slow. */
const MIN_COUNT = 200;
const QUANTILE = 0.99;
/** Four buckets for each doubling, from 1/8 ms to 17 minutes. */
const BUCKETS_PER_DOUBLING = 4;
const LOWEST_LOG2 = -3;
const BUCKETS = (20 - LOWEST_LOG2) * BUCKETS_PER_DOUBLING;
/** Names with durations of their own; spans of others are never slow. */
const MAX_NAMES = 300;
/** The threshold is computed again when so many durations have come. */
const RECOUNT_EVERY = 64;

export class SlowSpans {
  readonly #names = new Map<string, Durations>();

  /** Counts a duration; returns whether it is slow by those before it. */
  isSlow(name: string, durationMs: number, now: number): boolean {
    let durations = this.#names.get(name);
    if (durations === undefined) {
      if (this.#names.size >= MAX_NAMES) return false;
      durations = new Durations(now);
      this.#names.set(name, durations);
    }
    return durations.add(durationMs, now);
  }
}

class Durations {
  #now = new Uint32Array(BUCKETS);
  #before = new Uint32Array(BUCKETS);
  #count = 0;
  #countBefore = 0;
  #windowEndsAt: number;
  #sinceRecount = 0;
  /** The last bucket that is not slow. */
  #threshold = BUCKETS;

  constructor(now: number) {
    this.#windowEndsAt = now + WINDOW_MS;
  }

  add(durationMs: number, now: number): boolean {
    if (now >= this.#windowEndsAt) this.#nextWindow(now);
    const bucket = bucketOf(durationMs);
    const isSlow = bucket > this.#threshold;
    this.#now[bucket] = (this.#now[bucket] ?? 0) + 1;
    this.#count++;
    if (++this.#sinceRecount >= RECOUNT_EVERY) this.#recount();
    return isSlow;
  }

  #nextWindow(now: number): void {
    const isLong = now >= this.#windowEndsAt + WINDOW_MS;
    [this.#now, this.#before] = [this.#before, this.#now];
    this.#now.fill(0);
    this.#countBefore = this.#count;
    this.#count = 0;
    if (isLong) {
      this.#before.fill(0);
      this.#countBefore = 0;
    }
    this.#windowEndsAt = now + WINDOW_MS;
    this.#recount();
  }

  #recount(): void {
    this.#sinceRecount = 0;
    const total = this.#count + this.#countBefore;
    this.#threshold = BUCKETS;
    if (total < MIN_COUNT) return;
    let above = Math.floor(total * (1 - QUANTILE));
    for (let bucket = BUCKETS - 1; bucket >= 0; bucket--) {
      above -= (this.#now[bucket] ?? 0) + (this.#before[bucket] ?? 0);
      if (above < 0) {
        this.#threshold = bucket;
        return;
      }
    }
  }
}

function bucketOf(durationMs: number): number {
  const bucket = Math.floor((Math.log2(durationMs) - LOWEST_LOG2) * BUCKETS_PER_DOUBLING);
  return bucket > 0 ? Math.min(bucket, BUCKETS - 1) : 0;
}
