// Rate limits of kept traces: one for each reason and root span name, so that an outage of one
// route does not send everything, and does not use up what another route may send.
import type { KeepReason } from '../../context/trace-recording.js';

/** Reasons that another process has found, and has limited already. */
const TOLD: ReadonlySet<KeepReason> = new Set<KeepReason>(['downstream', 'caller']);
/** What those are limited to, in times of the limit of one reason and name. */
const TOLD_FACTOR = 10;
/** Reasons and names with a limit of their own; what comes later shares one for each reason. */
const MAX_BUCKETS = 1000;

interface Bucket {
  tokens: number;
  /** When they were counted, in milliseconds. */
  at: number;
}

export class KeepLimits {
  readonly #perMinute: number;
  readonly #buckets = new Map<string, Bucket>();

  constructor(perMinute: number) {
    this.#perMinute = perMinute;
  }

  /**
   * Returns whether one more trace may be kept, and counts it then.
   * @param most traces a minute, where that is less than the limit of all
   */
  take(reason: KeepReason, rootName: string, now: number, most = this.#perMinute): boolean {
    const isTold = TOLD.has(reason);
    const capacity = isTold ? this.#perMinute * TOLD_FACTOR : Math.min(most, this.#perMinute);
    const bucket = this.#bucketOf(isTold ? reason : `${reason}\0${rootName}`, reason, capacity, now);
    bucket.tokens = Math.min(capacity, bucket.tokens + ((now - bucket.at) / 60_000) * capacity);
    bucket.at = now;
    if (bucket.tokens < 1) return false;
    bucket.tokens--;
    return true;
  }

  #bucketOf(key: string, reason: KeepReason, capacity: number, now: number): Bucket {
    const known = this.#buckets.get(key);
    if (known !== undefined) return known;
    if (this.#buckets.size >= MAX_BUCKETS && key !== reason) return this.#bucketOf(reason, reason, capacity, now);
    const bucket = { tokens: capacity, at: now };
    this.#buckets.set(key, bucket);
    return bucket;
  }
}
