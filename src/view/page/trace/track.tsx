// The bar of a span on the time axis, with the part on the critical path, what it waited for, and its events.
import { serviceStyle } from '../parts/service-color.js';
import { durationText, lineText } from '../parts/text.js';
import type { SpanItem, Wait } from './items.js';
import type { Timeline } from './timeline.js';
import { place, type Range } from './zoom.js';

/** Events drawn on one bar. */
const MAX_EVENTS = 40;
/** A wait as wide as this share of the track has its name in it. */
const ROOM = 0.22;

export interface TrackProps {
  readonly item: SpanItem;
  readonly timeline: Timeline;
  readonly range: Range;
  readonly isCritical: boolean;
  readonly onEvent: (index: number) => void;
}

export function Track({ item, timeline, range, isCritical, onEvent }: TrackProps) {
  const { span, waits, critical } = item;
  return (
    <span class="track" style={serviceStyle(span.service)}>
      {waits.map((wait) => (
        <WaitBar key={wait.title} wait={wait} end={item.end} range={range} />
      ))}
      <span class="bar" style={box(item.start, item.end, range)} />
      {isCritical ? critical.map(({ from, to }) => <span key={from} class="critical" style={box(from, to, range)} />) : null}
      {span.events.slice(0, MAX_EVENTS).map((event, index) => {
        const at = Number(BigInt(event.timeUnixNano) - timeline.start);
        return (
          <button
            type="button"
            key={`${index} ${event.name}`}
            class="event"
            tabIndex={-1}
            style={{ left: `${clamp(place(at, range)) * 100}%` }}
            title={`${lineText(event.name)} +${durationText(at)}`}
            aria-label={`Event ${lineText(event.name)}`}
            onClick={(click) => {
              click.stopPropagation();
              onEvent(index);
            }}
          />
        );
      })}
    </span>
  );
}

function WaitBar({ wait, end, range }: { readonly wait: Wait; readonly end: number; readonly range: Range }) {
  const text = waitText(wait);
  const width = clamp(place(wait.to, range)) - clamp(place(wait.from, range));
  const after = place(end, range);
  const before = place(wait.from, range);
  const label =
    width >= ROOM ? (
      <span class="wait-name in" style={{ left: `${((clamp(before) + clamp(place(wait.to, range))) / 2) * 100}%` }}>
        {text}
      </span>
    ) : after >= 0 && after < 1 - ROOM ? (
      <span class="wait-name" style={{ left: `${after * 100}%` }}>
        {text}
      </span>
    ) : before > ROOM && before <= 1 ? (
      <span class="wait-name before" style={{ right: `${(1 - before) * 100}%` }}>
        {text}
      </span>
    ) : null;
  return (
    <>
      <span class="wait" style={box(wait.from, wait.to, range)} title={text} />
      {label}
    </>
  );
}

/** `waiting in queue 1.2 s`. */
export function waitText({ title, from, to }: Wait): string {
  return `${title} ${durationText(to - from)}`;
}

/** Left edge and width, of what of it is in sight. */
export function box(from: number, to: number, range: Range): Readonly<Record<string, string>> {
  const left = place(from, range);
  const right = place(to, range);
  if (right < 0 || left > 1) return { display: 'none' };
  return { left: `${clamp(left) * 100}%`, width: `${(clamp(right) - clamp(left)) * 100}%` };
}

export function clamp(share: number): number {
  return Math.min(1, Math.max(0, share));
}
