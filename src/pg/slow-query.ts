// Slow queries: one log record with the trace, a span event, a counter, and the listeners of the app. Also for queries that are not sampled.
import { type Attributes, isSpanContextValid, TraceFlags, trace } from '@opentelemetry/api';
import { warn } from '../sdk/diagnostics.js';
import { logEvent } from '../sdk/event-log.js';
import { type Blocker, blockerAttributes } from './blockers.js';
import type { ErrorFacts } from './database-error.js';
import * as names from './names.js';
import type { QueryRun } from './query-run.js';
import type { RowCounts } from './row-counts.js';

/** What is told of a slow query. It holds no values: literals of the text are `?`. */
export interface SlowQuery {
  /** From the call to the last row or the error, without the wait for a connection of a pool. */
  readonly durationMs: number;
  /** The sanitised text, at most 2,000 characters. */
  readonly text: string;
  /** First keyword of the text. */
  readonly operation: string;
  /** Name of the prepared statement. */
  readonly statementName: string | undefined;
  readonly database: string | undefined;
  /** Rows it gave back; undefined for a statement without result columns. */
  readonly returnedRows: number | undefined;
  /** Rows it changed. */
  readonly affectedRows: number | undefined;
  /** Of an error that the server reported. */
  readonly sqlState: string | undefined;
  /** SQLSTATE, code or class of the error it failed with. */
  readonly errorType: string | undefined;
  /** Time the caller waited for the connection before; undefined when it had it already. */
  readonly poolWaitMs: number | undefined;
  /** Who held it up, with `SIETCH_OTEL_PG_BLOCKERS=on`. */
  readonly blocker: Blocker | undefined;
  readonly traceId: string | undefined;
  readonly spanId: string | undefined;
  /** The trace is recorded, and can be looked up. */
  readonly sampled: boolean;
}

export type SlowQueryListener = (query: SlowQuery) => void;

const LISTENERS = Symbol.for('@sietch/otel.slow-query-listeners');
const registry: typeof globalThis & { [LISTENERS]?: Set<SlowQueryListener> } = globalThis;

/**
 * Calls `listener` for each query slower than `SIETCH_OTEL_PG_SLOW_QUERY_MS`, in the whole process. It is called before the query's own caller gets
 * the result, so it should be quick; what it throws is reported on stderr and goes no further.
 * @returns what takes the listener off again
 */
export function onSlowQuery(listener: SlowQueryListener): () => void {
  if (typeof listener !== 'function')
    throw new TypeError(`Expected \`listener\` to be a function, got \`${String(listener)}\` (${typeof listener})`);
  registry[LISTENERS] ??= new Set();
  const listeners = registry[LISTENERS];
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function describeSlowQuery(run: QueryRun, durationMs: number, rows: RowCounts, error: ErrorFacts | undefined): SlowQuery {
  const { statement, target, name } = run.shape;
  const { spanContext } = run;
  const traced = isSpanContextValid(spanContext);
  return {
    durationMs,
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
    traceId: traced ? spanContext.traceId : undefined,
    spanId: traced ? spanContext.spanId : undefined,
    sampled: (spanContext.traceFlags & TraceFlags.SAMPLED) !== 0,
  };
}

/** Says it in the log, on the span and to the listeners. */
export function reportSlowQuery(query: SlowQuery, run: QueryRun): void {
  const attributes = slowQueryAttributes(query, run);
  run.span.addEvent(names.EVENT_SLOW_QUERY, { [names.ATTR_DURATION_MS]: attributes[names.ATTR_DURATION_MS] });
  logEvent({
    level: 'warn',
    name: names.EVENT_SLOW_QUERY,
    message: `slow query: ${query.operation} took ${Math.round(query.durationMs)} ms`,
    attributes,
    context: trace.setSpan(run.context, run.span),
  });
  for (const listener of registry[LISTENERS] ?? []) callListener(listener, query);
}

function slowQueryAttributes(query: SlowQuery, run: QueryRun): Attributes {
  const attributes: Attributes = {
    ...run.shape.durations.attributes,
    [names.ATTR_DB_QUERY_TEXT]: query.text,
    [names.ATTR_DURATION_MS]: Math.round(query.durationMs * 1000) / 1000,
  };
  const optional: Attributes = {
    [names.ATTR_PG_PLAN]: query.statementName,
    [names.ATTR_DB_RESPONSE_RETURNED_ROWS]: query.returnedRows,
    [names.ATTR_AFFECTED_ROWS]: query.affectedRows,
    [names.ATTR_DB_RESPONSE_STATUS_CODE]: query.sqlState,
    [names.ATTR_ERROR_TYPE]: query.errorType,
    [names.ATTR_POOL_WAIT]: query.poolWaitMs === undefined ? undefined : query.poolWaitMs / 1000,
  };
  for (const [key, value] of Object.entries(optional)) if (value !== undefined) attributes[key] = value;
  return query.blocker === undefined ? attributes : Object.assign(attributes, blockerAttributes(query.blocker));
}

function callListener(listener: SlowQueryListener, query: SlowQuery): void {
  try {
    const result: unknown = listener(query);
    if (result instanceof Promise) result.catch(complain);
  } catch (error) {
    complain(error);
  }
}

function complain(error: unknown): void {
  warn({
    code: 'SIETCH041',
    message: `a listener of onSlowQuery threw ${error instanceof Error ? error.name : typeof error}`,
    remedy: 'catch errors inside the listener',
  });
}
