// How many rows a query gave back and how many it changed.

export interface RowCounts {
  /** Undefined when the statement has no result columns. */
  readonly returned: number | undefined;
  /** Undefined when the statement changes no rows. */
  readonly affected: number | undefined;
}

const CHANGING = new Set(['INSERT', 'UPDATE', 'DELETE', 'MERGE', 'COPY']);
export const NO_ROWS: RowCounts = { returned: undefined, affected: undefined };

/**
 * The rows of one statement.
 * @param command first word of the server's command tag
 * @param count number in that tag, where it has one
 * @param columns of the result
 * @param rows that the result holds
 */
export function countRows(command: string, count: number | undefined, columns: number, rows: number): RowCounts {
  return { returned: columns > 0 ? (count ?? rows) : undefined, affected: CHANGING.has(command) ? count : undefined };
}

/** The rows of several statements in one text. */
export function sumRows(all: Iterable<RowCounts>): RowCounts {
  let returned: number | undefined;
  let affected: number | undefined;
  for (const counts of all) {
    if (counts.returned !== undefined) returned = (returned ?? 0) + counts.returned;
    if (counts.affected !== undefined) affected = (affected ?? 0) + counts.affected;
  }
  return { returned, affected };
}
