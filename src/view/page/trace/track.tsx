// The bar of a span on the time axis, with the part on the critical path, what it waited for, and its events.
import { serviceStyle } from '../parts/service-color.js';
import { durationText, lineText, offsetText } from '../parts/text.js';
import type { SpanItem, Wait } from './items.js';
import type { Timeline } from './timeline.js';
import { place, type Range } from './zoom.js';

/** Events drawn on one bar. */
const MAX_EVENTS = 40;
/** Share of the track that a name needs, and that a wait must have to be named there. */
const ROOM = 0.22;
const LEAST_NAMED = 0.01;

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
        const at = timeline.since(event.timeUnixNano);
        return (
          <button
            type="button"
            key={`${index} ${event.name}`}
            class="event"
            tabIndex={-1}
            style={{ left: `${clamp(place(at, range)) * 100}%` }}
            title={`${lineText(event.name)} ${offsetText(at)}`}
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
  const from = clamp(place(wait.from, range));
  const to = clamp(place(wait.to, range));
  return (
    <>
      <span class="wait" style={box(wait.from, wait.to, range)} title={text} />
      {to - from < LEAST_NAMED ? null : <WaitName text={text} from={from} to={to} end={clamp(place(end, range))} />}
    </>
  );
}

/** In the wait, after the bar or before the wait, where there is room; else the details alone name it. */
function WaitName({ text, from, to, end }: { readonly text: string; readonly from: number; readonly to: number; readonly end: number }) {
  if (to - from >= ROOM) {
    return (
      <span class="wait-name in" style={{ left: `${from * 100}%` }}>
        {text}
      </span>
    );
  }
  if (1 - end >= ROOM) {
    return (
      <span class="wait-name" style={{ left: `${end * 100}%` }}>
        {text}
      </span>
    );
  }
  if (from < ROOM) return null;
  return (
    <span class="wait-name before" style={{ right: `${(1 - from) * 100}%` }}>
      {text}
    </span>
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
