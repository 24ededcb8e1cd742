// Keeps results that can be made again, such as a statement that has been read. When it is full, few
// new ones get in: where more names come than it holds, or none comes twice, each miss would
// otherwise pay for an entry that pushes out a useful one.

/** One new result in so many finds a place in a full cache. A name that is often asked for is among them soon. */
const ADMITTED_ONE_IN = 16;

export class ResultCache<Key, Result> {
  readonly #limit: number;
  readonly #results = new Map<Key, Result>();

  /** @param limit of entries */
  constructor(limit: number) {
    this.#limit = limit;
  }

  get(key: Key): Result | undefined {
    return this.#results.get(key);
  }

  /** Keeps the result, in the place of an older one of the key, or not. By chance: every sixteenth could be the same one of a loop each time. */
  offer(key: Key, result: Result): void {
    if (this.#results.size >= this.#limit && !this.#results.has(key) && !this.#makeRoom()) return;
    this.#results.set(key, result);
  }

  #makeRoom(): boolean {
    if (Math.random() * ADMITTED_ONE_IN >= 1) return false;
    for (const oldest of this.#results.keys()) return this.#results.delete(oldest);
    return false;
  }
}
