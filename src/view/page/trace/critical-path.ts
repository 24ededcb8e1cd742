// Finds the critical path of a trace: the parts of spans that its end waited for. Walks back from the end: of the children that ended before a moment,
// the one that ended last is what was waited for. A span counts with all below it, since a job runs on after the request that added it.
import type { Item, Segment, SpanItem } from './items.js';

interface Visit {
  readonly item: SpanItem;
  readonly until: number;
}

/** Sets `critical` of each span on it. */
export function walkCriticalPath(roots: readonly SpanItem[]): void {
  setLastEnds(roots);
  const waiting: Visit[] = backwards(roots, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY).visits;
  for (let visit = waiting.pop(); visit !== undefined; visit = waiting.pop()) {
    const { item } = visit;
    const { visits, gaps } = backwards(item.children.filter(isSpan), Math.min(visit.until, item.lastEnd), item.start);
    item.critical = gaps.map(({ from, to }) => ({ from, to: Math.min(to, item.end) })).filter(({ from, to }) => to > from);
    for (const next of visits) waiting.push(next);
  }
}

/** From `until` back to `since`: the children that were waited for, and the time in between. */
function backwards(children: readonly SpanItem[], until: number, since: number): { readonly visits: Visit[]; readonly gaps: Segment[] } {
  const visits: Visit[] = [];
  const gaps: Segment[] = [];
  let at = until;
  for (const child of [...children].sort((one, other) => other.lastEnd - one.lastEnd)) {
    if (child.lastEnd > at || child.start < since) continue;
    gaps.push({ from: child.lastEnd, to: at });
    visits.push({ item: child, until: child.lastEnd });
    at = child.start;
  }
  gaps.push({ from: since, to: at });
  return { visits, gaps };
}

/** Without recursion: a trace may be deeper than the stack. */
function setLastEnds(roots: readonly SpanItem[]): void {
  const order: SpanItem[] = [];
  const waiting = [...roots];
  for (let item = waiting.pop(); item !== undefined; item = waiting.pop()) {
    order.push(item);
    for (const child of item.children) if (isSpan(child)) waiting.push(child);
  }
  for (const item of order.reverse()) {
    for (const child of item.children) if (isSpan(child)) item.lastEnd = Math.max(item.lastEnd, child.lastEnd);
  }
}

function isSpan(item: Item): item is SpanItem {
  return item.kind === 'span';
}
