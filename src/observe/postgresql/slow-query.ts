// The event of a slow query, and the listeners of the app.
import { warn } from '../../diagnose/diagnostics.js';
import type { Blocker } from './blocker.js';

/** A slow query, as reported. It holds no values: literals of the text are `?`. */
export interface SlowQuery {
  /** From the call to the last row or the error, without the wait for a connection of a pool. */
  readonly durationMs: number;
  /**
   * How much of it the event loop of this process was blocked. The rest took at least
   * `SIETCH_OTEL_PG_SLOW_QUERY_MS`.
   */
  readonly loopBlockedMs: number;
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
  /** SQLSTATE of an error that the server reported. */
  readonly sqlState: string | undefined;
  /** SQLSTATE, code or class of the error it failed with. */
  readonly errorType: string | undefined;
  /** Time the caller waited for the connection before; undefined when it had it already. */
  readonly poolWaitMs: number | undefined;
  /** The blocking session, with `SIETCH_OTEL_PG_BLOCKERS=on`. */
  readonly blocker: Blocker | undefined;
  /** Frames of the caller, a line each, where a statement of this shape has been slow before. */
  readonly callerStack: string | undefined;
  readonly traceId: string | undefined;
  readonly spanId: string | undefined;
  /** The trace is recorded, and can be looked up. */
  readonly sampled: boolean;
}

export type SlowQueryListener = (query: SlowQuery) => void;

const LISTENERS = Symbol.for('@sietch/otel.slow-query-listeners');
const registry: typeof globalThis & { [LISTENERS]?: Set<SlowQueryListener> } = globalThis;

/**
 * Calls `listener` for each query slower than `SIETCH_OTEL_PG_SLOW_QUERY_MS`, in the whole process.
 * It is called before the query's own caller gets the result, so it should be quick; what it throws
 * is reported on stderr and goes no further.
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

export function notifyListeners(query: SlowQuery): void {
  for (const listener of registry[LISTENERS] ?? []) callListener(listener, query);
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
  warn('SIETCH041', error instanceof Error ? error.name : typeof error);
}
