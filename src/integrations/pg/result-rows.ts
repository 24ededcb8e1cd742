// The rows of pg's Result.
import { countRows, NO_ROWS, type RowCounts, sumRows } from '../../observe/postgresql/row-counts.js';

/** @param results a Result, or the array of them that several statements in one text give */
export function rowsOfResults(results: unknown): RowCounts {
  return Array.isArray(results) ? sumRows(results.map(rowsOfResult)) : rowsOfResult(results);
}

function rowsOfResult(result: unknown): RowCounts {
  if (typeof result !== 'object' || result === null) return NO_ROWS;
  // pg-native has NaN where the server gives no count.
  const count = 'rowCount' in result && typeof result.rowCount === 'number' && result.rowCount >= 0 ? result.rowCount : undefined;
  const columns = 'fields' in result && Array.isArray(result.fields) ? result.fields.length : 0;
  const rows = 'rows' in result && Array.isArray(result.rows) ? result.rows.length : 0;
  const command = 'command' in result && typeof result.command === 'string' ? result.command : '';
  return countRows(command, count, columns, rows);
}
