// A section of the page Now: its oldest entries as a table.
import { lineText, numberText } from '../parts/text.js';

export type Cell = string | { readonly text: string; readonly isAlarming?: boolean; readonly href?: string };

export interface LiveTableProps {
  readonly title: string;
  /** All that there are. */
  readonly count: number;
  /** Whether the title is shown without entries too. */
  readonly isAlways?: boolean;
  readonly heads: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
}

const MAX_ROWS = 50;

export function LiveTable({ title, count, isAlways = false, heads, rows }: LiveTableProps) {
  if (count === 0 && !isAlways) return null;
  const shown = rows.slice(0, MAX_ROWS);
  return (
    <>
      <h3>
        {lineText(title)}
        {isAlways ? '' : `: ${numberText(count)}`}
        {shown.length < count ? <span class="dim"> · the oldest {shown.length}</span> : null}
      </h3>
      {shown.length === 0 ? null : (
        <table class="facts-table" aria-label={lineText(title)}>
          <thead>
            <tr>
              {heads.map((head) => (
                <th key={head} scope="col">
                  {head}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {shown.map((cells, index) => (
              <tr key={index}>
                {cells.map((cell, column) => (
                  <CellOf key={heads[column]} cell={cell} />
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </>
  );
}

function CellOf({ cell }: { readonly cell: Cell }) {
  if (typeof cell === 'string') return <td>{lineText(cell)}</td>;
  if (cell.href !== undefined) {
    return (
      <td>
        <a class="mono" href={cell.href}>
          {lineText(cell.text)}
        </a>
      </td>
    );
  }
  return <td class={cell.isAlarming === true ? 'error' : ''}>{lineText(cell.text)}</td>;
}
