// The items of an export queue that no export has taken yet, oldest first, each with its size.

/** Collectors refuse larger requests (4 MiB is gRPC's default). */
const BATCH_BYTES = 3 * 1024 * 1024;

export class WaitingItems<T> {
  readonly #batchItems: number;
  #items: T[] = [];
  #sizes: number[] = [];
  #bytes = 0;

  /** @param batchItems most items of a batch */
  constructor(batchItems: number) {
    this.#batchItems = batchItems;
  }

  get length(): number {
    return this.#items.length;
  }

  /** Whether a batch would not become larger by waiting. */
  get hasFullBatch(): boolean {
    return this.#items.length >= this.#batchItems || this.#bytes >= BATCH_BYTES;
  }

  push(item: T, size: number): void {
    this.#items.push(item);
    this.#sizes.push(size);
    this.#bytes += size;
  }

  /** Removes the oldest item; its size, or undefined when nothing waits. */
  shift(): number | undefined {
    if (this.#items.shift() === undefined) return undefined;
    const size = this.#sizes.shift() ?? 0;
    this.#bytes -= size;
    return size;
  }

  takeBatch(): { readonly items: readonly T[]; readonly bytes: number } {
    let count = 0;
    let bytes = 0;
    while (count < this.#items.length && count < this.#batchItems && (count === 0 || bytes < BATCH_BYTES)) {
      bytes += this.#sizes[count] ?? 0;
      count++;
    }
    this.#sizes.splice(0, count);
    this.#bytes -= bytes;
    return { items: this.#items.splice(0, count), bytes };
  }
}
