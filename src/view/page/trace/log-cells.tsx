// What stands in the row of a log record within a trace.
import { severityOf } from '../parts/severity.js';
import { lineOf, lineText, offsetText } from '../parts/text.js';
import { Indent } from './fold-toggle.js';
import type { LogItem } from './items.js';
import { clamp } from './track.js';
import { place, type Range } from './zoom.js';

export function LogCells({ entry, depth, range }: { readonly entry: LogItem; readonly depth: number; readonly range: Range }) {
  const { log, at } = entry;
  const share = place(at, range);
  const text = lineOf(log.body) || lineText(log.eventName);
  return (
    <>
      <span class="name">
        <Indent depth={depth} />
        <span class="fold none" />
        <span class="severity">{severityOf(log)}</span>
        <span class="body" title={text}>
          {text}
        </span>
      </span>
      <span class="number duration">{offsetText(at)}</span>
      <span class="track">{share < 0 || share > 1 ? null : <span class="mark" style={{ left: `${clamp(share) * 100}%` }} />}</span>
    </>
  );
}
