// Slow queries: one log record with the trace, a span event, a counter, and the listeners of the
// app. Also for queries that are not sampled.
import { type Attributes, isSpanContextValid, TraceFlags, trace } from '@opentelemetry/api';
import { logEvent } from '../../logging/event-log.js';
import { stackText } from '../caller-stack.js';
import { blockerAttributes } from './blocker.js';
import type { ErrorFacts } from './database-error.js';
import * as names from './names.js';
import type { QueryRun } from './query-run.js';
import type { RowCounts } from './row-counts.js';
import { notifyListeners, type SlowQuery } from './slow-query.js';

/** How long a slow query took. */
export interface SlowTime {
  readonly durationMs: number;
  readonly loopBlockedMs: number;
}

export function describeSlowQuery(run: QueryRun, time: SlowTime, rows: RowCounts, error: ErrorFacts | undefined): SlowQuery {
  const { statement, target, name } = run.shape;
  const { spanContext } = run;
  const traced = isSpanContextValid(spanContext);
  return {
    ...time,
    text: statement.sanitized,
    operation: statement.operation,
    statementName: name,
    database: target.database,
    returnedRows: rows.returned,
    affectedRows: rows.affected,
    sqlState: error?.sqlState,
    errorType: error?.type,
    poolWaitMs: run.poolWaitMs,
    blocker: run.blocker,
    callerStack: stackText(run.caller),
    traceId: traced ? spanContext.traceId : undefined,
    spanId: traced ? spanContext.spanId : undefined,
    sampled: (spanContext.traceFlags & TraceFlags.SAMPLED) !== 0,
  };
}

/**
 * Says it in the log, on the span and to the listeners.
 * @param unlogged how many slow queries the log left out since the last; undefined when it leaves
 *   out this one
 * @param at when the span will end: no event is to be after it
 */
export function reportSlowQuery(query: SlowQuery, run: QueryRun, unlogged: number | undefined, at: number | undefined): void {
  if (query.callerStack !== undefined) run.span.setAttribute(names.ATTR_CODE_STACKTRACE, query.callerStack);
  run.span.addEvent(names.EVENT_SLOW_QUERY, { [names.ATTR_DURATION_MS]: roundedMs(query) }, at);
  if (unlogged !== undefined) logSlowQuery(query, run, unlogged);
  notifyListeners(query);
}

function logSlowQuery(query: SlowQuery, run: QueryRun, unlogged: number): void {
  const attributes = slowQueryAttributes(query, run);
  if (unlogged > 0) attributes[names.ATTR_UNLOGGED] = unlogged;
  if (query.loopBlockedMs > 0) attributes[names.ATTR_LOOP_BLOCKED_MS] = Math.round(query.loopBlockedMs);
  logEvent({
    level: 'warn',
    name: names.EVENT_SLOW_QUERY,
    message: `slow query: ${query.operation} took ${Math.round(query.durationMs)} ms`,
    attributes,
    context: trace.setSpan(run.context, run.span),
  });
}

function roundedMs({ durationMs }: SlowQuery): number {
  return Math.round(durationMs * 1000) / 1000;
}

function slowQueryAttributes(query: SlowQuery, run: QueryRun): Attributes {
  const attributes: Attributes = {
    ...run.shape.durations.attributes,
    [names.ATTR_DB_QUERY_TEXT]: query.text,
    [names.ATTR_DURATION_MS]: roundedMs(query),
  };
  const optional: Attributes = {
    [names.ATTR_STATEMENT_NAME]: query.statementName,
    [names.ATTR_DB_RESPONSE_RETURNED_ROWS]: query.returnedRows,
    [names.ATTR_AFFECTED_ROWS]: query.affectedRows,
    [names.ATTR_DB_RESPONSE_STATUS_CODE]: query.sqlState,
    [names.ATTR_ERROR_TYPE]: query.errorType,
    [names.ATTR_CODE_STACKTRACE]: query.callerStack,
    [names.ATTR_POOL_WAIT]: query.poolWaitMs === undefined ? undefined : query.poolWaitMs / 1000,
  };
  for (const [key, value] of Object.entries(optional)) if (value !== undefined) attributes[key] = value;
  return query.blocker === undefined ? attributes : Object.assign(attributes, blockerAttributes(query.blocker));
}
