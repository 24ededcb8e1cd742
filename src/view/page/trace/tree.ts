// Hangs spans below their parents, whatever mistakes their senders made.
import type { SpanItem } from './items.js';

/** Returns the roots: spans whose parent has not arrived too. Of spans that are each other's ancestors one becomes a root. */
export function buildTree(spans: ReadonlyMap<string, SpanItem>): SpanItem[] {
  const roots: SpanItem[] = [];
  const circles = findCircles(spans);
  for (const item of [...spans.values()].sort((one, other) => one.start - other.start || one.end - other.end)) {
    item.parent = circles.has(item) ? undefined : spans.get(item.span.parentSpanId);
    (item.parent?.children ?? roots).push(item);
  }
  return roots;
}

/** One item of each circle. Each item is walked over once. */
function findCircles(spans: ReadonlyMap<string, SpanItem>): Set<SpanItem> {
  const circles = new Set<SpanItem>();
  const done = new Set<SpanItem>();
  for (const start of spans.values()) {
    const path = new Set<SpanItem>();
    let at: SpanItem | undefined = start;
    while (at !== undefined && !done.has(at) && !path.has(at)) {
      path.add(at);
      at = spans.get(at.span.parentSpanId);
    }
    if (at !== undefined && path.has(at)) circles.add(at);
    for (const item of path) done.add(item);
  }
  return circles;
}
