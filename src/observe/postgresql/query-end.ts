// The end of a query on its span: rows, errors, and how long the caller had waited for the
// connection.
import type { Attributes } from '@opentelemetry/api';
import type { ErrorFacts } from './database-error.js';
import * as names from './names.js';
import type { QueryRun } from './query-run.js';
import type { RowCounts } from './row-counts.js';
import { describeError } from './span-error.js';

/**
 * Shorter waits for a connection are no news: the idle one was taken. The histogram has them all.
 */
const MIN_SHOWN_WAIT_MS = 1;

export function isShownWait(poolWaitMs: number | undefined): poolWaitMs is number {
  return poolWaitMs !== undefined && poolWaitMs >= MIN_SHOWN_WAIT_MS;
}

/** The rows as they were counted while the query ran, where it gives no result. */
export function countedRows(run: QueryRun, failed: boolean): RowCounts {
  const { streamedRows: rows, taggedRows: affected } = run;
  return { returned: affected !== undefined || (failed && rows === 0) ? undefined : rows, affected };
}

/** Undefined where there is nothing to report. */
export function rowAttributes({ returned, affected }: RowCounts): Attributes | undefined {
  if (returned === undefined) return affected === undefined ? undefined : { [names.ATTR_AFFECTED_ROWS]: affected };
  const attributes: Attributes = { [names.ATTR_DB_RESPONSE_RETURNED_ROWS]: returned };
  if (affected !== undefined) attributes[names.ATTR_AFFECTED_ROWS] = affected;
  return attributes;
}

export function describeEnd(run: QueryRun, rows: RowCounts, error: ErrorFacts | undefined, endTime: number | undefined): void {
  const { span, poolWaitMs } = run;
  if (isShownWait(poolWaitMs)) span.setAttribute(names.ATTR_POOL_WAIT, poolWaitMs / 1000);
  if (error !== undefined) describeError(span, error, endTime);
  else {
    const attributes = rowAttributes(rows);
    if (attributes !== undefined) span.setAttributes(attributes);
  }
}
