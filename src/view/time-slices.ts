// Walks over many items in slices of a few milliseconds: a search does not keep the receiver from its work, nor a long trace the page from its keys.

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
      await othersFirst();
      if (signal?.aborted === true) return;
      until = performance.now() + SLICE_MS;
    }
    const item = items[index];
    if (item !== undefined) visit(item, index);
  }
}

/** Lets whatever else waits have its turn, in Node.js and in browsers. */
export function othersFirst(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}
