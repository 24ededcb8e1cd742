// Claims: an event's work is done once, whichever of worker, spill and direct processing gets to it, and however often.

/** An open transaction on the claims' database: as much of a `pg` client as a processor needs. */
export interface Transaction {
  query(text: string, values?: unknown[]): Promise<{ rows: unknown[]; rowCount: number | null }>;
}

/** What became of a claim. */
export type ClaimResult<Result> = { readonly isFirst: true; readonly result: Result } | { readonly isFirst: false };

/** Where claims are kept. `createPostgresClaims` makes one; another database can be used by writing these methods for it. */
export interface ClaimStore {
  /**
   * Runs `work` unless the work of the event `key` was done before. The claim and whatever `work` wrote through the transaction must become lasting together,
   * or not at all, also when this process dies.
   * @throws {ClaimError} when the claim could not be made or kept: nothing was done, the event comes again.
   */
  once<Result>(queue: string, key: string, work: (transaction: Transaction) => Promise<Result>): Promise<ClaimResult<Result>>;
  /** Forgets claims made before `olderThan`. */
  forget(queue: string, olderThan: Date): Promise<void>;
  close(): Promise<void>;
}

/** The claim store could not decide. Not the processor's fault: the attempt does not count. */
export class ClaimError extends Error {
  override readonly name = 'ClaimError';
  /** `busy`: somebody else is at work on the event. `unavailable`: the store does not answer. */
  readonly reason: 'busy' | 'unavailable';

  constructor(reason: 'busy' | 'unavailable', options?: ErrorOptions) {
    super(reason === 'busy' ? 'The event is being processed elsewhere' : 'The claim store is unavailable', options);
    this.reason = reason;
  }
}
