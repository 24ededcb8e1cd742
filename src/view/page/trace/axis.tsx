// The time axis above the rows; it stays in sight.
import { durationText } from '../parts/text.js';
import { isNarrow } from '../parts/theme.js';
import { isOpen } from './trace-state.js';
import { place, type Range, ticksOf } from './zoom.js';

/** A tick nearer to the end than this has its text on its left. */
const EDGE = 0.9;

/** Marks for which there is room. */
function mostTicks(): number {
  if (isNarrow.value) return 3;
  return isOpen.value ? 4 : 6;
}

export function Axis({ range }: { readonly range: Range }) {
  const { ticks } = ticksOf(range, mostTicks());
  return (
    <div class="span-row axis">
      <span class="name">Span</span>
      <span class="number duration">Duration</span>
      <span class="track" aria-hidden="true">
        {ticks.map((at) => {
          const share = place(at, range);
          return (
            <span key={at} class={share > EDGE ? 'tick end' : 'tick'} style={{ left: `${share * 100}%` }}>
              {at === 0 ? '0' : durationText(at)}
            </span>
          );
        })}
      </span>
    </div>
  );
}

/** Lines at the ticks of the axis, as the background of each track. */
export function gridStyle(range: Range): Readonly<Record<string, string>> {
  const { step } = ticksOf(range, mostTicks());
  const share = step / (range.to - range.from);
  const offset = (Math.ceil(range.from / step) * step - range.from) / (range.to - range.from);
  const at = share >= 1 ? 0 : offset / (1 - share);
  return { '--grid-size': `${share * 100}%`, '--grid-at': `${at * 100}%` };
}
