// Hangs spans below their parents, whatever mistakes their senders made.
import { findCircles } from '../../span-tree.js';
import type { SpanItem } from './items.js';

/** Returns the roots: spans whose parent has not arrived too. Of spans that are each other's ancestors one becomes a root. */
export function buildTree(spans: ReadonlyMap<string, SpanItem>): SpanItem[] {
  const roots: SpanItem[] = [];
  const circles = findCircles(spans.values(), ({ span }) => spans.get(span.parentSpanId));
  for (const item of [...spans.values()].sort((one, other) => one.start - other.start || one.end - other.end)) {
    item.parent = circles.has(item) ? undefined : spans.get(item.span.parentSpanId);
    (item.parent?.children ?? roots).push(item);
  }
  return roots;
}
