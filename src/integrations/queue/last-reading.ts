// The last reading of queues that are read again and again, and its age. When the server does not
// answer, the age shows it.

/** A reading is taken for stale after this many missed ones. */
const MISSED_READINGS = 3;

export class LastReading<Reading> {
  readonly #knownSince = Date.now();
  #reading: Reading | undefined;
  #readAt: number | undefined;
  #isBusy = false;

  /** Unless a reading is under way. Never rejects. */
  async take(read: () => Promise<Reading>): Promise<void> {
    if (this.#isBusy) return;
    this.#isBusy = true;
    try {
      this.#reading = await read();
      this.#readAt = Date.now();
    } catch {
      // The one before counts until it is stale.
    } finally {
      this.#isBusy = false;
    }
  }

  /**
   * The reading is undefined when it is stale.
   * @param intervalMs how often one is taken
   */
  look(intervalMs: number): { readonly ageSeconds: number; readonly reading: Reading | undefined } {
    const ageMs = Date.now() - (this.#readAt ?? this.#knownSince);
    return { ageSeconds: ageMs / 1000, reading: ageMs > intervalMs * MISSED_READINGS ? undefined : this.#reading };
  }
}
