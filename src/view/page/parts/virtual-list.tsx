// A list of any length of which only the rows in sight are in the page. What is added above does not move what is looked at.
import type { ComponentChildren } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { useShortcuts } from './keyboard.js';

export interface VirtualListProps<Item> {
  readonly items: readonly Item[];
  readonly rowHeight: number;
  /** Role of the list, for screen readers; its rows have theirs. */
  readonly role: 'list' | 'tree';
  readonly label: string;
  readonly keyOf: (item: Item) => string;
  /** Its outermost element must have `data-row={key}` and take the focus. */
  readonly renderRow: (item: Item, isSelected: boolean) => ComponentChildren;
  readonly selected: string;
  readonly onSelect: (key: string) => void;
  /** Above the rows, and stays there. */
  readonly head?: ComponentChildren;
  readonly foot?: ComponentChildren;
  /** Called when the last row comes into sight. */
  readonly onEnd?: () => void;
}

/** Rows beyond the edge. */
const OVERSCAN = 10;

export function VirtualList<Item>(props: VirtualListProps<Item>) {
  const { items, rowHeight, keyOf, selected, onSelect, onEnd } = props;
  const box = useRef<HTMLDivElement>(null);
  const head = useRef<HTMLDivElement>(null);
  const [view, setView] = useState({ top: 0, height: 600 });
  const focusNext = useRef(false);
  const headHeight = head.current?.offsetHeight ?? 0;
  const selectedAt = selected === '' ? -1 : items.findIndex((item) => keyOf(item) === selected);
  useView(box, setView);
  useAnchor(box, props, selectedAt);

  const moveTo = (index: number): void => {
    const item = items[Math.max(0, Math.min(items.length - 1, index))];
    if (item === undefined) return;
    focusNext.current = true;
    onSelect(keyOf(item));
    reveal(box.current, Math.max(0, Math.min(items.length - 1, index)), rowHeight, headHeight);
  };
  const firstInSight = Math.floor(view.top / rowHeight);
  const move = (by: number): void => moveTo(selectedAt === -1 ? firstInSight : selectedAt + by);
  const page = Math.max(1, Math.floor(view.height / rowHeight) - 2);
  useShortcuts({
    j: () => move(1),
    k: () => move(-1),
    ArrowDown: () => move(1),
    ArrowUp: () => move(-1),
    PageDown: () => move(page),
    PageUp: () => move(-page),
    Home: () => moveTo(0),
    End: () => moveTo(items.length - 1),
  });
  // Also when it was selected elsewhere: by a link, or before the way back; and when details take a part of the room.
  useLayoutEffect(() => {
    if (selectedAt === -1) return;
    reveal(box.current, selectedAt, rowHeight, headHeight);
    if (document.activeElement === document.body) focusNext.current = true;
  }, [selected, selectedAt === -1, view.height]);

  useLayoutEffect(() => {
    if (!focusNext.current) return;
    focusNext.current = false;
    rowElement(box.current, selected)?.focus({ preventScroll: true });
  });

  const from = Math.max(0, firstInSight - OVERSCAN);
  const to = Math.min(items.length, Math.ceil((view.top + view.height) / rowHeight) + OVERSCAN);
  useEffect(() => {
    if (to === items.length && items.length > 0) onEnd?.();
  }, [to === items.length, items.length]);
  const named = { role: props.role, 'aria-label': props.label };
  const rows: ComponentChildren[] = [];
  for (let index = from; index < to; index++) rows.push(renderAt(props, index, selectedAt));
  // The selected row keeps the focus though it is out of sight.
  if (selectedAt !== -1 && selectedAt < from) rows.unshift(renderAt(props, selectedAt, selectedAt));
  if (selectedAt >= to) rows.push(renderAt(props, selectedAt, selectedAt));
  return (
    <div class="scroll" ref={box}>
      <div class="list-head" ref={head}>
        {props.head}
      </div>
      <div class="rows" {...named} style={{ height: `${items.length * rowHeight}px` }}>
        {rows}
      </div>
      {props.foot}
    </div>
  );
}

function renderAt<Item>(props: VirtualListProps<Item>, index: number, selectedAt: number) {
  const { items, rowHeight, keyOf, renderRow, role, onSelect } = props;
  const item = items[index];
  if (item === undefined) return null;
  const place = { transform: `translateY(${index * rowHeight}px)`, height: `${rowHeight}px` };
  const size =
    role === 'list'
      ? ({ role: 'listitem', 'aria-setsize': items.length, 'aria-posinset': index + 1 } as const)
      : ({ role: 'none' } as const);
  // Not a button in it.
  const select = ({ target }: FocusEvent): void => {
    if (target instanceof HTMLElement && target.dataset['row'] !== undefined) onSelect(keyOf(item));
  };
  return (
    <div key={keyOf(item)} class="place" style={place} onFocusIn={select} {...size}>
      {renderRow(item, index === selectedAt)}
    </div>
  );
}

/** Follows what of the list is in sight, at most once a frame. */
function useView(box: { readonly current: HTMLDivElement | null }, setView: (view: { top: number; height: number }) => void): void {
  useLayoutEffect(() => {
    const element = box.current;
    if (element === null) return;
    let frame = 0;
    const read = (): void => {
      frame = 0;
      setView({ top: element.scrollTop, height: element.clientHeight });
    };
    const later = (): void => {
      if (frame === 0) frame = requestAnimationFrame(read);
    };
    const observer = new ResizeObserver(later);
    observer.observe(element);
    element.addEventListener('scroll', later, { passive: true });
    read();
    return () => {
      observer.disconnect();
      element.removeEventListener('scroll', later);
      cancelAnimationFrame(frame);
    };
  }, []);
}

/** Keeps a row where it is while others come and go above it: the selected one in sight, else the first once the list was scrolled. */
function useAnchor<Item>(
  box: { readonly current: HTMLDivElement | null },
  { items, keyOf, rowHeight }: VirtualListProps<Item>,
  selectedAt: number,
): void {
  const before = useRef({ items, key: '', at: 0 });
  useLayoutEffect(() => {
    const element = box.current;
    if (element === null) return;
    const last = before.current;
    if (last.items !== items && last.key !== '') {
      const at = items.findIndex((item) => keyOf(item) === last.key);
      if (at !== -1 && at !== last.at) element.scrollTop += (at - last.at) * rowHeight;
    }
    const remember = (): void => {
      const first = Math.floor(element.scrollTop / rowHeight);
      const isSelectedInSight = selectedAt >= first && selectedAt <= first + element.clientHeight / rowHeight;
      const at = isSelectedInSight ? selectedAt : element.scrollTop > 0 ? first : -1;
      const item = items[at];
      before.current = { items, key: item === undefined ? '' : keyOf(item), at };
    };
    remember();
    element.addEventListener('scroll', remember, { passive: true });
    return () => element.removeEventListener('scroll', remember);
  }, [items, selectedAt, rowHeight]);
}

function reveal(box: HTMLDivElement | null, index: number, rowHeight: number, headHeight: number): void {
  if (box === null) return;
  const top = index * rowHeight;
  const height = box.clientHeight - headHeight;
  if (top < box.scrollTop) box.scrollTop = top;
  else if (top + rowHeight > box.scrollTop + height) box.scrollTop = top + rowHeight - height;
}

function rowElement(box: HTMLDivElement | null, key: string): HTMLElement | undefined {
  return box?.querySelector<HTMLElement>(`[data-row="${CSS.escape(key)}"]`) ?? undefined;
}
