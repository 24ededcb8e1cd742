// Observes the Query of pg-native's client. It has no handler for its good end: it emits one event
// and calls back. An error gets its SQLSTATE and its position just before the app gets it, so that
// is where a query ends here.
import { context } from '@opentelemetry/api';
import { replaceMethod } from '../../observe/method-patches.js';
import { restorePosition } from '../../observe/postgresql/error-position.js';
import type { ClientTracer } from './client-tracer.js';
import { type ObservedQuery, type PgRun, RUN } from './observed-query.js';
import type { QueryPrototype } from './pg-internals.js';
import { observeEvents } from './query-events.js';

/** Ends a query whose callback is not called: pg takes it away from a query that has timed out. */
export function observeNativeError(original: QueryPrototype['handleError'], tracer: ClientTracer): QueryPrototype['handleError'] {
  return function handleError(this: ObservedQuery, error: unknown, connection?: unknown): unknown {
    const run = this[RUN];
    try {
      return original.call(this, error, connection);
    } finally {
      if (run !== undefined) finish(this, run, error ?? new Error(), undefined, tracer);
    }
  };
}

/** @param isOfApp the app made it, and can listen to it */
export function observeNativeQuery(query: ObservedQuery, run: PgRun, tracer: ClientTracer, isOfApp: boolean): void {
  const { callback } = query;
  const callsBack = typeof callback === 'function';
  if (callsBack) {
    const observed = function (this: unknown, error: unknown, results: unknown): unknown {
      finish(query, run, error ?? undefined, results, tracer);
      return run.bound ? context.with(run.context, () => callback.call(this, error, results)) : callback.call(this, error, results);
    };
    run.onEnd(replaceMethod(query, 'callback', observed));
  }
  if (!isOfApp) return;
  observeEvents(query, run, (event, value) => {
    // A callback, if there is one, comes last.
    if (callsBack) return;
    if (event === 'end') finish(query, run, undefined, value, tracer);
    else if (event === 'error') finish(query, run, value, undefined, tracer);
  });
}

function finish(query: ObservedQuery, run: PgRun, error: unknown, results: unknown, tracer: ClientTracer): void {
  if (run.ended) return;
  query[RUN] = undefined;
  if (error !== undefined) restorePosition(error, run.shape.text, run.prefixLength);
  tracer.finish(run, error, results);
}
