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
  const walkOf = new Map<SpanItem, SpanItem>();
  for (const start of spans.values()) {
    let at: SpanItem | undefined = start;
    while (at !== undefined && !walkOf.has(at)) {
      walkOf.set(at, start);
      at = spans.get(at.span.parentSpanId);
    }
    // This walk has come to where it was before.
    if (at !== undefined && walkOf.get(at) === start) circles.add(at);
  }
  return circles;
}
