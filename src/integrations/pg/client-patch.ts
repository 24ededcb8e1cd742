// Observes node-postgres' Client. query() notes the call; the first _pulseQueryQueue() inside it
// finds the query object that pg made, before it is sent; the query object's own handlers report
// the end. So no promise, callback or config of the app is wrapped, copied or changed, and a
// rejection that nobody handles stays one.
import { type Context, ROOT_CONTEXT } from '@opentelemetry/api';
import { isTracingSuppressed } from '@opentelemetry/core';
import { activeContext } from '../../context/index.js';
import type { MethodPatches } from '../../observe/method-patches.js';
import type { ClientSource } from './client-source.js';
import type { ClientTracer } from './client-tracer.js';
import { patchConnect } from './connect-patch.js';
import { observeNativeQuery } from './native-query.js';
import { type ObservedQuery, type PgRun, RUN } from './observed-query.js';
import { type ClientClass, isQuery, type PgClient, type PgQuery, type QueryPrototype } from './pg-internals.js';
import { observeEvents } from './query-events.js';
import { patchQuery } from './query-patch.js';
import { callsBack, observeSubmittable, textOf } from './submittable.js';

/** A call of query() on the stack. */
interface Call {
  readonly client: PgClient;
  readonly source: ClientSource;
  readonly config: unknown;
  readonly context: Context;
  readonly startedAt: number;
  readonly bound: boolean;
  run: PgRun | undefined;
}

/**
 * Stands for the error with which pg answers, later, a query on a client that has ended or lost its
 * connection.
 */
const REFUSED = new Error('Client is not queryable');

/** Patches one Client class (pg has two: its own and the native one) and its Query. */
export function patchClient(patches: MethodPatches, Client: ClientClass, tracer: ClientTracer): void {
  patchQueue(patches, Client, tracer);
  patchQuery(patches, Client.Query.prototype, tracer);
  patchConnect(patches, Client.prototype, tracer);
}

function patchQueue(patches: MethodPatches, Client: ClientClass, tracer: ClientTracer): void {
  const { prototype } = Client;
  const originalQuery = prototype.query;
  const originalPulse = prototype._pulseQueryQueue;
  /**
   * The call whose query object is not queued yet: everything between the two happens in one
   * synchronous stretch.
   */
  let pending: Call | undefined;

  function query(this: PgClient, config: unknown, values: unknown, callback: unknown): unknown {
    const source = tracer.sourceOf(this);
    // What pool.query() knows already.
    const checkout = source.takeQuerying();
    const active = checkout?.context ?? activeContext();
    if (!patches.isOn || (checkout === undefined && isTracingSuppressed(active))) return originalQuery.call(this, config, values, callback);
    const startedAt = checkout?.heldSince ?? performance.now();
    const bound = active !== ROOT_CONTEXT && (checkout?.query?.bound ?? callsBack(config, values, callback));
    const call: Call = { client: this, source, config, context: active, startedAt, bound, run: undefined };
    pending = call;
    try {
      const result = originalQuery.call(this, config, values, callback);
      if (pending === call) tracer.fail(source.target, textOf(config), active, startedAt, REFUSED);
      return result;
    } catch (error) {
      if (call.run !== undefined) tracer.finish(call.run, error, undefined);
      else if (pending === call) tracer.fail(source.target, textOf(config), active, startedAt, error);
      throw error;
    } finally {
      if (pending === call) pending = undefined;
    }
  }

  function _pulseQueryQueue(this: PgClient, initialConnection?: unknown): unknown {
    if (pending !== undefined && pending.client === this) {
      const call = pending;
      pending = undefined;
      attach(call, Client.Query.prototype, tracer);
    }
    return originalPulse.call(this, initialConnection);
  }

  patches.replace(prototype, 'query', () => query);
  patches.replace(prototype, '_pulseQueryQueue', () => _pulseQueryQueue);
}

/** Starts the run of the query that this call has just queued. */
function attach(call: Call, Query: QueryPrototype, tracer: ClientTracer): void {
  const queue = call.client._queryQueue ?? call.client.queryQueue;
  const query = queue?.[queue.length - 1];
  if (!isQuery(query)) return;
  const observed: ObservedQuery = query;
  const run = tracer.startOn(call.source, textOf(query), query.name, call.context, call.startedAt, call.bound);
  if (run === undefined) return;
  call.run = run;
  if (!isPlain(query, Query)) {
    observeSubmittable(query, run, tracer);
    return;
  }
  const isOfApp = query === call.config;
  if (isOfApp) Object.defineProperty(query, RUN, { value: run, configurable: true, writable: true, enumerable: false });
  else observed[RUN] = run;
  if (Query.handleReadyForQuery === undefined) observeNativeQuery(query, run, tracer, isOfApp);
  else if (isOfApp && run.bound) observeEvents(query, run);
}

/** It is pg's own Query, whose handlers are patched. */
function isPlain(query: PgQuery, Query: QueryPrototype): boolean {
  return query.handleError === Query.handleError && query.handleReadyForQuery === Query.handleReadyForQuery;
}
