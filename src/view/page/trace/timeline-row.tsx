// One row of a trace, as screen readers and the keyboard meet it; what stands in it is in the files of its kind.
import { count } from '../../format.js';
import { severityClass, severityOf } from '../parts/severity.js';
import { durationText, lineOf, lineText, offsetText } from '../parts/text.js';
import { AttemptsCells } from './attempts-cells.js';
import { isFailed } from './items.js';
import { LogCells } from './log-cells.js';
import type { RowContext } from './row-context.js';
import type { Row } from './rows.js';
import { SpanCells } from './span-cells.js';
import { waitText } from './track.js';

export interface TimelineRowProps {
  readonly row: Row;
  readonly context: RowContext;
  readonly isSelected: boolean;
  readonly onSelect: () => void;
}

export function TimelineRow({ row, context, isSelected, onSelect }: TimelineRowProps) {
  const isParent = row.kind === 'item' && row.item.children.length > 0;
  return (
    <div
      class={classOf(row, isSelected)}
      role="treeitem"
      data-row={row.key}
      tabIndex={isSelected ? 0 : -1}
      aria-level={row.depth + 1}
      aria-selected={isSelected}
      aria-expanded={isParent ? !row.isFolded : undefined}
      aria-label={describeRow(row)}
      onClick={onSelect}
      onKeyDown={(event) => {
        if (event.key === ' ' && event.target === event.currentTarget) {
          event.preventDefault();
          onSelect();
        }
      }}
    >
      {cellsOf(row, context)}
    </div>
  );
}

function cellsOf(row: Row, context: RowContext) {
  if (row.kind === 'log') return <LogCells entry={row.entry} depth={row.depth} range={context.range} />;
  const { item, depth, isFolded, below } = row;
  const fold = { depth, isFolded, below, onFold: () => context.onFold(item.id) };
  if (item.kind === 'span') return <SpanCells item={item} fold={fold} context={context} />;
  return <AttemptsCells item={item} fold={fold} range={context.range} />;
}

function classOf(row: Row, isSelected: boolean): string {
  const classes = ['row', 'span-row', row.kind === 'log' ? `log ${severityClass(row.entry.log)}` : row.item.kind];
  if (isSelected) classes.push('selected');
  if (row.kind === 'item' && isFailed(row.item)) classes.push('failed');
  return classes.join(' ');
}

function describeRow(row: Row): string {
  if (row.kind === 'log') return `log record ${severityOf(row.entry.log)}: ${lineOf(row.entry.log.body)}, at ${offsetText(row.entry.at)}`;
  const { item } = row;
  const facts = [item.kind === 'span' ? lineText(item.span.name) : lineText(item.title), durationText(item.end - item.start)];
  if (isFailed(item)) facts.push('failed');
  if (item.kind === 'span') {
    facts.push(lineText(item.span.service), item.span.kind.toLowerCase(), `starts at ${offsetText(item.start)}`);
    facts.push(...item.waits.map(waitText));
    if (item.critical.length > 0) facts.push('on the critical path');
  }
  if (row.isFolded) facts.push(`${count(row.below, 'row')} folded`);
  return facts.join(', ');
}
