// How many rows a query gave back and how many it changed.

export interface RowCounts {
  /** Undefined when the statement has no result columns. */
  readonly returned: number | undefined;
  /** Undefined when the statement changes no rows. */
  readonly affected: number | undefined;
}

const CHANGING = new Set(['INSERT', 'UPDATE', 'DELETE', 'MERGE', 'COPY']);
const NONE: RowCounts = { returned: undefined, affected: undefined };

/** The rows of pg's Result, or of the array of them that several statements in one text give. */
export function countRows(results: unknown): RowCounts {
  if (!Array.isArray(results)) return countOne(results);
  let returned: number | undefined;
  let affected: number | undefined;
  for (const result of results) {
    const counts = countOne(result);
    if (counts.returned !== undefined) returned = (returned ?? 0) + counts.returned;
    if (counts.affected !== undefined) affected = (affected ?? 0) + counts.affected;
  }
  return { returned, affected };
}

function countOne(result: unknown): RowCounts {
  if (typeof result !== 'object' || result === null) return NONE;
  // pg-native has NaN where the server gives no count.
  const rowCount = 'rowCount' in result && typeof result.rowCount === 'number' && result.rowCount >= 0 ? result.rowCount : undefined;
  const columns = 'fields' in result && Array.isArray(result.fields) ? result.fields.length : 0;
  const rows = 'rows' in result && Array.isArray(result.rows) ? result.rows.length : 0;
  const command = 'command' in result && typeof result.command === 'string' ? result.command : '';
  return {
    returned: columns > 0 ? (rowCount ?? rows) : undefined,
    affected: CHANGING.has(command) ? rowCount : undefined,
  };
}
