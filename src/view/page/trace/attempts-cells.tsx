// What stands in the row above the attempts of one job.
import { serviceStyle } from '../parts/service-color.js';
import { durationText, lineText } from '../parts/text.js';
import { type Fold, FoldToggle } from './fold-toggle.js';
import type { AttemptsItem } from './items.js';
import { box } from './track.js';
import type { Range } from './zoom.js';

export function AttemptsCells({ item, fold, range }: { readonly item: AttemptsItem; readonly fold: Fold; readonly range: Range }) {
  const title = lineText(item.title);
  return (
    <>
      <span class="name">
        <FoldToggle fold={fold} />
        <b title={title}>{title}</b>
      </span>
      <span class="number duration">{durationText(item.end - item.start)}</span>
      <span class="track" style={serviceStyle(item.service)}>
        <span class="bracket" style={box(item.start, item.end, range)} />
        {fold.isFolded
          ? item.children.map((child) => <span key={child.id} class="bar" style={box(child.start, child.end, range)} />)
          : null}
      </span>
    </>
  );
}
