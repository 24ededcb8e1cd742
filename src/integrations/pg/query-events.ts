// The events of a Query that the app made: listeners are called in the context of the query's
// caller. Rows are read from the socket, in no context of theirs. Only these objects pay for it.
import { context } from '@opentelemetry/api';
import { replaceMethod } from '../../observe/method-patches.js';
import type { QueryRun } from '../../observe/postgresql/query-run.js';
import type { PgQuery } from './pg-internals.js';

/** @param before called first with the name of each event and its first argument */
export function observeEvents(query: PgQuery, run: QueryRun, before?: (event: unknown, value: unknown) => void): void {
  const { emit } = query;
  if (typeof emit !== 'function') return;
  const observed = function (this: unknown, ...args: unknown[]): unknown {
    before?.(args[0], args[1]);
    return context.with(run.context, emit, this, ...args);
  };
  run.onEnd(replaceMethod(query, 'emit', observed));
}
