// Claims: an event's work is done once, whichever of worker, spill and direct processing gets to
// it, and however often.
import type { PoolClient } from 'pg';

/**
 * The open transaction of a claim: a client of `pg`, for the length of one attempt. The queue
 * begins and ends the transaction and owns the connection, so BEGIN, COMMIT, ROLLBACK and
 * `release()` are refused (WEBHOOK_TRANSACTION_CONTROL), and so is whatever comes after the attempt
 * (WEBHOOK_TRANSACTION_ENDED). Savepoints are allowed.
 */
export type Transaction = PoolClient;

/** Outcome of a claim. */
export type ClaimResult<Result> = { readonly isFirst: true; readonly result: Result } | { readonly isFirst: false };

/**
 * Store of claims. `createPostgresClaims` makes one; another database can be used by writing these
 * methods for it.
 */
export interface ClaimStore {
  /**
   * Runs `work` unless the work of the event `key` was done before. The claim and whatever `work`
   * wrote through the transaction must become lasting together, or not at all, also when this
   * process dies.
   * @throws {ClaimError} when the store is away, or another is at work on the event: it comes
   * again, without using up an attempt. Any other error uses one up.
   */
  once<Result>(queue: string, key: string, work: (transaction: Transaction) => Promise<Result>): Promise<ClaimResult<Result>>;
  /** Forgets claims made longer ago than `ageMs`, by the clock that the store dated them with. */
  forget(queue: string, ageMs: number): Promise<void>;
  /** Told how many events are claimed at once from now on, where that changes. */
  resize?(concurrency: number): void;
  close(): Promise<void>;
}

/**
 * The claim store could not decide. Not the processor's fault: the attempt does not count, up to a
 * bound.
 */
export class ClaimError extends Error {
  override readonly name = 'ClaimError';
  /** `busy`: somebody else is at work on the event. `unavailable`: the store does not answer. */
  readonly reason: 'busy' | 'unavailable';

  constructor(reason: 'busy' | 'unavailable', options?: ErrorOptions) {
    super(reason === 'busy' ? 'The event is being processed elsewhere' : 'The claim store is unavailable', options);
    this.reason = reason;
  }
}
