// The rows of postgres.js' results, which are arrays with the facts of the answer beside the rows.
import { countRows, NO_ROWS, type RowCounts } from '../../observe/postgresql/row-counts.js';

/** @param result that of one statement, or the description of a statement, which has no rows */
export function rowsOfResult(result: unknown): RowCounts {
  if (!Array.isArray(result) || !('command' in result)) return NO_ROWS;
  const count = 'count' in result && typeof result.count === 'number' ? result.count : undefined;
  const command = typeof result.command === 'string' ? result.command : '';
  // Up to 3.3 a simple query does not say which columns it has.
  const isSelect = command === 'SELECT' || result.length > 0;
  const columns = 'columns' in result && Array.isArray(result.columns) ? result.columns.length : Number(isSelect);
  return countRows(command, count, columns, result.length);
}
