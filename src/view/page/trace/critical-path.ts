// Finds the critical path of a trace: the parts of spans that its end waited for. Walks back from the end: of the children that ended before a moment,
// the one that ended last is what was waited for. A span counts with all below it, since a job runs on after the request that added it.
import type { Item, Segment, SpanItem } from './items.js';

interface Visit {
  readonly item: SpanItem;
  readonly until: number;
}

/** Sets `critical` of each span on it. */
export function walkCriticalPath(roots: readonly SpanItem[]): void {
  const ends = endsOf(roots);
  const endOf = (item: SpanItem): number => ends.get(item) ?? item.end;
  const waiting: Visit[] = backwards(roots, Number.POSITIVE_INFINITY, endOf).visits;
  for (let visit = waiting.pop(); visit !== undefined; visit = waiting.pop()) {
    const { item } = visit;
    const { visits, gaps } = backwards(item.children.filter(isSpan), Math.min(visit.until, endOf(item)), endOf, item.start);
    item.critical = gaps.map(({ from, to }) => ({ from, to: Math.min(to, item.end) })).filter(({ from, to }) => to > from);
    waiting.push(...visits);
  }
}

/** From `until` back to `since`: the children that were waited for, and the time in between. */
function backwards(children: readonly SpanItem[], until: number, endOf: (item: SpanItem) => number, since = Number.NEGATIVE_INFINITY) {
  const visits: Visit[] = [];
  const gaps: Segment[] = [];
  let at = until;
  for (const child of [...children].sort((one, other) => endOf(other) - endOf(one))) {
    if (endOf(child) > at || child.start < since) continue;
    gaps.push({ from: endOf(child), to: at });
    visits.push({ item: child, until: endOf(child) });
    at = child.start;
  }
  gaps.push({ from: since, to: at });
  return { visits, gaps };
}

/** When the last of what hangs below a span ended. Without recursion: a trace may be deeper than the stack. */
function endsOf(roots: readonly SpanItem[]): Map<SpanItem, number> {
  const order: SpanItem[] = [];
  const waiting = [...roots];
  for (let item = waiting.pop(); item !== undefined; item = waiting.pop()) {
    order.push(item);
    for (const child of item.children) if (isSpan(child)) waiting.push(child);
  }
  const ends = new Map<SpanItem, number>();
  for (const item of order.reverse()) {
    ends.set(
      item,
      item.children.filter(isSpan).reduce((latest, child) => Math.max(latest, ends.get(child) ?? 0), item.end),
    );
  }
  return ends;
}

function isSpan(item: Item): item is SpanItem {
  return item.kind === 'span';
}
