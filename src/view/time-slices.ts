// Walks over many items in slices of a few milliseconds, so that a search does not keep the receiver
// from its work.

import { setImmediate } from 'node:timers/promises';

const SLICE_MS = 10;
/** Items between two looks at the clock. */
const STRIDE = 64;

/** @param signal ends the walk: whoever asked has gone. */
export async function inSlices<Item>(
  items: readonly Item[],
  visit: (item: Item, index: number) => void,
  signal?: AbortSignal,
): Promise<void> {
  let until = performance.now() + SLICE_MS;
  for (let index = 0; index < items.length; index++) {
    if (index % STRIDE === 0 && performance.now() > until) {
      await setImmediate();
      if (signal?.aborted === true) return;
      until = performance.now() + SLICE_MS;
    }
    const item = items[index];
    if (item !== undefined) visit(item, index);
  }
}
