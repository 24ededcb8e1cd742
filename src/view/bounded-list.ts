// A list of received items, bounded in number and in bytes: the oldest are dropped first.

import type { Origin } from './telemetry.js';
import { sizesOf } from './telemetry-size.js';

export interface Bounds {
  readonly maxItems: number;
  readonly maxBytes: number;
}

export function isWithin(items: number, bytes: number, { maxItems, maxBytes }: Bounds, share = 1): boolean {
  return items <= Math.ceil(maxItems * share) && bytes <= maxBytes * share;
}

/**
 * A tenth more than needed is dropped, so that a full store does not copy itself at every export.
 */
export const KEPT_SHARE = 0.9;

export class BoundedList<Item extends Origin> {
  readonly #bounds: Bounds;
  #items: Item[] = [];
  #sizes: number[] = [];
  #bytes = 0;
  #dropped = 0;

  constructor(bounds: Bounds) {
    this.#bounds = bounds;
  }

  /** In order of arrival. */
  get items(): readonly Item[] {
    return this.#items;
  }

  /** Estimated size of the items. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Number of items dropped so far. */
  get dropped(): number {
    return this.#dropped;
  }

  /** @returns whether older items were dropped */
  add(added: readonly Item[]): boolean {
    const sizes = sizesOf(added);
    for (const item of added) this.#items.push(item);
    for (const size of sizes) {
      this.#sizes.push(size);
      this.#bytes += size;
    }
    if (isWithin(this.#items.length, this.#bytes, this.#bounds)) return false;
    this.#dropOldest();
    return true;
  }

  #dropOldest(): void {
    let dropped = 0;
    for (; dropped < this.#items.length; dropped++) {
      if (isWithin(this.#items.length - dropped, this.#bytes, this.#bounds, KEPT_SHARE)) break;
      this.#bytes -= this.#sizes[dropped] ?? 0;
    }
    this.#dropped += dropped;
    this.#items = this.#items.slice(dropped);
    this.#sizes = this.#sizes.slice(dropped);
  }
}
