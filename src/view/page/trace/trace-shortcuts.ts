// The keyboard of the page Trace.
import { useEffect } from 'preact/hooks';
import { useShortcuts } from '../parts/keyboard.js';
import { navigate, pageAddress } from '../parts/route.js';
import { type Item, isFailed } from './items.js';
import { ancestorsOf, type Row } from './rows.js';
import type { Timeline } from './timeline.js';
import { fold, folded, hasLogs, isCritical, isOpen, zoom } from './trace-state.js';
import { scale, shift, wholeOf } from './zoom.js';

export interface TraceKeys {
  readonly timeline: Timeline;
  readonly rows: readonly Row[];
  readonly selected: string;
  readonly select: (key: string) => void;
}

const ZOOM = 0.5;
const SHIFT = 0.2;

/** Returns what folds all, or unfolds all where something is folded. */
export function useTraceShortcuts({ timeline, rows, selected, select }: TraceKeys): () => void {
  const at = rows.findIndex(({ key }) => key === selected);
  const row = rows[at];
  const item = row?.kind === 'item' ? row.item : undefined;
  const zoomBy = (factor: number): void => {
    const whole = wholeOf(timeline.duration);
    const around = item === undefined || item.start > timeline.duration ? undefined : (item.start + item.end) / 2;
    const next = scale(zoom.value ?? whole, factor, timeline.duration, around);
    zoom.value = next.to - next.from >= whole.to ? undefined : next;
  };
  const shiftBy = (share: number): void => {
    if (zoom.value !== undefined) zoom.value = shift(zoom.value, share, timeline.duration);
  };
  const foldAll = (): void => {
    folded.value = folded.value.size > 0 ? new Set() : new Set(parentsOf(timeline));
  };
  const parent = (): void => {
    if (item !== undefined && item.children.length > 0 && !folded.value.has(item.id)) {
      fold(item.id, true);
      return;
    }
    const above = row?.kind === 'log' ? row.span?.id : item === undefined ? undefined : ancestorsOf(timeline, item.id)[0];
    if (above !== undefined) select(above);
  };
  useShortcuts({
    h: parent,
    ArrowLeft: parent,
    l: () => item !== undefined && fold(item.id, false),
    ArrowRight: () => item !== undefined && fold(item.id, false),
    e: () => nextFailed(rows, at, select),
    z: foldAll,
    o: () => {
      hasLogs.value = !hasLogs.value;
    },
    c: () => {
      isCritical.value = !isCritical.value;
    },
    '+': () => zoomBy(ZOOM),
    '=': () => zoomBy(ZOOM),
    '-': () => zoomBy(1 / ZOOM),
    '0': () => {
      zoom.value = undefined;
    },
    '<': () => shiftBy(-SHIFT),
    '>': () => shiftBy(SHIFT),
    Enter: () => {
      if (row === undefined || document.activeElement?.closest('button, a') !== null) return true;
      isOpen.value = !isOpen.value;
      return false;
    },
    Escape: () => {
      if (isOpen.value) isOpen.value = false;
      else navigate(pageAddress('traces'));
    },
  });
  // A link from elsewhere leads to a span that may be folded away.
  useEffect(() => {
    const hidden = ancestorsOf(timeline, selected).filter((id) => folded.value.has(id));
    for (const id of hidden) fold(id, false);
  }, [selected]);
  return foldAll;
}

function nextFailed(rows: readonly Row[], at: number, select: (key: string) => void): void {
  const order = [...rows.slice(at + 1), ...rows.slice(0, at + 1)];
  const next = order.find((row) =>
    row.kind === 'item' ? row.item.kind === 'span' && isFailed(row.item) : row.entry.log.severityNumber >= 17,
  );
  if (next !== undefined) select(next.key);
}

function parentsOf(timeline: Timeline): string[] {
  const ids: string[] = [];
  const waiting: Item[] = [...timeline.roots];
  for (let item = waiting.pop(); item !== undefined; item = waiting.pop()) {
    if (item.children.length > 0) ids.push(item.id);
    for (const child of item.children) waiting.push(child);
  }
  return ids;
}
