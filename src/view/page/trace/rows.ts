// The rows of a trace from top to bottom, as they are folded.
import type { Item, LogItem, SpanItem } from './items.js';
import type { Timeline } from './timeline.js';

export type Row =
  | {
      readonly kind: 'item';
      readonly key: string;
      readonly item: Item;
      readonly depth: number;
      readonly isFolded: boolean;
      readonly below: number;
    }
  | { readonly kind: 'log'; readonly key: string; readonly entry: LogItem; readonly depth: number; readonly span: SpanItem | undefined };

/** Levels with an indent of their own; what is deeper stands below each other. */
export const MAX_INDENTED = 24;

export function visibleRows(timeline: Timeline, folded: ReadonlySet<string>, hasLogs: boolean): Row[] {
  const rows: Row[] = [];
  const waiting: { readonly item: Item; readonly depth: number }[] = [...timeline.roots].reverse().map((item) => ({ item, depth: 0 }));
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { item, depth } = next;
    const isFolded = folded.has(item.id);
    rows.push({ kind: 'item', key: item.id, item, depth, isFolded, below: isFolded ? countBelow(item) : item.children.length });
    if (isFolded) continue;
    if (hasLogs && item.kind === 'span') for (const entry of item.logs) rows.push(logRow(entry, depth + 1, item));
    for (let index = item.children.length - 1; index >= 0; index--) {
      const child = item.children[index];
      if (child !== undefined) waiting.push({ item: child, depth: depth + 1 });
    }
  }
  if (hasLogs) for (const entry of timeline.logs) rows.push(logRow(entry, 0, undefined));
  return rows;
}

function logRow(entry: LogItem, depth: number, span: SpanItem | undefined): Row {
  return { kind: 'log', key: `log-${entry.log.id}`, entry, depth, span };
}

function countBelow(item: Item): number {
  let count = 0;
  const waiting: Item[] = [...item.children];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    count++;
    for (const child of next.children) waiting.push(child);
  }
  return count;
}

/** Ids of what stands above an item, which must be unfolded for it to be seen. */
export function ancestorsOf(timeline: Timeline, id: string): string[] {
  const parents = new Map<string, string>();
  const waiting: Item[] = [...timeline.roots];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    for (const child of next.children) {
      parents.set(child.id, next.id);
      waiting.push(child);
    }
  }
  const ancestors: string[] = [];
  for (let at = parents.get(id); at !== undefined; at = parents.get(at)) ancestors.push(at);
  return ancestors;
}
