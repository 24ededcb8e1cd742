// Draws tables for a terminal: columns as wide as what is in them, and as narrow as the terminal
// asks for.
import { cleanText } from '../../view/format.js';
import { type Paper, paint, type Style } from '../../view/paper.js';

export interface Column {
  readonly title: string;
  readonly align?: 'right';
  /** The width down to which it may be shortened; without it, it keeps its own. */
  readonly least?: number;
}

/** `alarm` is what somebody should look at. */
export type Cell = string | { readonly text: string; readonly mark: 'alarm' };

const GAP = '  ';

/** The title line and a line for each row; none is wider than the paper. */
export function drawTable(columns: readonly Column[], rows: readonly (readonly Cell[])[], paper: Paper): string[] {
  const texts = rows.map((row) => row.map((cell) => cleanText(typeof cell === 'string' ? cell : cell.text)));
  const widths = columns.map(({ title }, at) => Math.max(lengthOf(title), ...texts.map((row) => lengthOf(row[at] ?? ''))));
  narrow(widths, columns, paper.width);
  const draw = (row: readonly string[], paint: (text: string, at: number) => string) => {
    let left = paper.width;
    const cells = columns.flatMap(({ align }, at) => {
      const width = Math.min(widths[at] ?? 0, left);
      left -= width + GAP.length;
      return width <= 0 ? [] : [paint(pad(cut(row[at] ?? '', width), width, align), at)];
    });
    return cells.join(GAP).trimEnd();
  };
  const title = draw(
    columns.map((column) => column.title),
    (text) => text,
  );
  const isAlarm = (row: number, at: number) => typeof rows[row]?.[at] === 'object';
  return [
    paint(title, 'dim', paper),
    ...texts.map((row, index) => draw(row, (text, at) => (isAlarm(index, at) ? paint(text, 'alarm', paper) : text))),
  ];
}

/** One line of text, no wider than the paper. */
export function drawLine(text: string, paper: Paper, style?: Style): string {
  const line = cut(cleanText(text), paper.width);
  return style === undefined ? line : paint(line, style, paper);
}

/** Takes from the widest column that may become narrower, as long as the row is too wide. */
function narrow(widths: number[], columns: readonly Column[], most: number): void {
  const total = () => widths.reduce((sum, width) => sum + width, GAP.length * (widths.length - 1));
  while (total() > most) {
    const spare = widths.map((width, at) => (width > (columns[at]?.least ?? width) ? width : 0));
    const widest = Math.max(...spare);
    if (widest === 0) return;
    widths[spare.indexOf(widest)] = widest - 1;
  }
}

function pad(text: string, width: number, align: 'right' | undefined): string {
  const space = ' '.repeat(Math.max(0, width - lengthOf(text)));
  return align === 'right' ? space + text : text + space;
}

function cut(text: string, width: number): string {
  const characters = [...text];
  return characters.length <= width ? text : `${characters.slice(0, Math.max(0, width - 1)).join('')}…`;
}

function lengthOf(text: string): number {
  return [...text].length;
}
