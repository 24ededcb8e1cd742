// The whole trace, small: dragging over it chooses the part of the time axis that is in sight.
import { useEffect, useRef, useState } from 'preact/hooks';
import { serviceHue } from '../parts/service-color.js';
import { isDark } from '../parts/theme.js';
import { type Item, isFailed } from './items.js';
import type { Timeline } from './timeline.js';
import { type Range, wholeOf } from './zoom.js';

export interface MinimapProps {
  readonly timeline: Timeline;
  readonly range: Range;
  readonly onRange: (range: Range) => void;
}

/** A drag shorter than this share of the width is a click, which shows all. */
const LEAST_DRAG = 0.005;

export function Minimap({ timeline, range, onRange }: MinimapProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [drag, setDrag] = useState<{ readonly from: number; readonly to: number } | undefined>();
  const dark = isDark.value;
  useEffect(() => {
    const element = canvas.current;
    if (element === null) return;
    const paint = (): void => draw(element, timeline, dark);
    const observer = new ResizeObserver(paint);
    observer.observe(element);
    return () => observer.disconnect();
  }, [timeline, dark]);

  const whole = wholeOf(timeline.duration).to;
  const shown = drag ?? { from: range.from / whole, to: range.to / whole };
  const [left, right] = [Math.min(shown.from, shown.to), Math.max(shown.from, shown.to)];
  const shareAt = (event: PointerEvent & { readonly currentTarget: HTMLElement }): number => {
    const { left: start, width } = event.currentTarget.getBoundingClientRect();
    return Math.min(1, Math.max(0, (event.clientX - start) / width));
  };
  const end = (): void => {
    setDrag(undefined);
    onRange(right - left < LEAST_DRAG ? wholeOf(timeline.duration) : { from: left * whole, to: right * whole });
  };
  return (
    <div
      class="minimap"
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        setDrag({ from: shareAt(event), to: shareAt(event) });
      }}
      onPointerMove={(event) => {
        if (drag !== undefined) setDrag({ from: drag.from, to: shareAt(event) });
      }}
      onPointerUp={() => {
        if (drag !== undefined) end();
      }}
      onPointerCancel={() => setDrag(undefined)}
      title="Drag to zoom, click to see all"
    >
      <canvas ref={canvas} role="img" aria-label={`Overview of ${timeline.spans.size} spans. Plus and minus zoom, 0 shows all.`} />
      <span class="shade" style={{ left: 0, width: `${left * 100}%` }} />
      <span class="shade" style={{ left: `${right * 100}%`, right: 0 }} />
    </div>
  );
}

function draw(canvas: HTMLCanvasElement, timeline: Timeline, dark: boolean): void {
  const ratio = window.devicePixelRatio || 1;
  const width = canvas.clientWidth * ratio;
  const height = canvas.clientHeight * ratio;
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext('2d');
  if (context === null) return;
  const spans = inOrder(timeline.roots);
  const line = Math.max(1, Math.min(3 * ratio, height / Math.max(1, spans.length)));
  const step = (height - line) / Math.max(1, spans.length - 1);
  spans.forEach((item, index) => {
    const from = (item.start / Math.max(1, timeline.duration)) * width;
    const length = ((item.end - item.start) / Math.max(1, timeline.duration)) * width;
    const service = item.kind === 'span' ? item.span.service : item.service;
    context.fillStyle = isFailed(item) ? (dark ? '#ff7b72' : '#c8322b') : `hsl(${serviceHue(service)} 55% ${dark ? 58 : 50}%)`;
    context.fillRect(from, Math.min(step, 5 * ratio) * index, Math.max(1.5 * ratio, length), line);
  });
}

function inOrder(roots: readonly Item[]): Item[] {
  const items: Item[] = [];
  const waiting = [...roots].reverse();
  for (let item = waiting.pop(); item !== undefined; item = waiting.pop()) {
    if (item.kind === 'span') items.push(item);
    for (let index = item.children.length - 1; index >= 0; index--) {
      const child = item.children[index];
      if (child !== undefined) waiting.push(child);
    }
  }
  return items;
}
