// Observes the queries of postgres.js by the class that they have in common. A query is sent when
// somebody waits for it: `handle()` is where that begins. When a connection takes it, it gets its
// statement, made from template, fragments and values; when its turn has come there, it is active;
// and its own resolve() and reject() are called at the end. So no promise of the app is wrapped,
// and no function of the library but `handle()`.
import { ROOT_CONTEXT } from '@opentelemetry/api';
import { isTracingSuppressed } from '@opentelemetry/core';
import { activeContext, runInContext } from '../../context/index.js';
import { isReplaced, type MethodPatches } from '../../observe/method-patches.js';
import type { PostgresQuery, QueryPrototype } from './postgres-internals.js';
import { QueryCall, type QueryPatchParts } from './query-call.js';

/** The property by which a query keeps the call that observes it. */
const CALL: unique symbol = Symbol('sietch-otel.call');

interface ObservedQuery extends PostgresQuery {
  readonly [CALL]?: QueryCall;
}

export function patchQueries(patches: MethodPatches, prototype: QueryPrototype, parts: QueryPatchParts): void {
  if (isReplaced(prototype, 'handle')) return;
  watchAssignment(prototype, 'statement', null, (query: ObservedQuery) => query[CALL]?.sent());
  watchAssignment(prototype, 'active', false, (query: ObservedQuery) => query[CALL]?.begun());
  patches.replace(
    prototype,
    'handle',
    (original) =>
      function handle(this: ObservedQuery): unknown {
        const call = this[CALL];
        if (call !== undefined) {
          // The iterator of a cursor sets handlers at each step.
          call.watch();
          return original.call(this);
        }
        // What the library asks for itself, the types of arrays, has no canceller.
        if (!patches.isOn || this.executed || typeof this.canceller !== 'function') return original.call(this);
        const active = activeContext();
        if (isTracingSuppressed(active)) return original.call(this);
        const server = parts.servers.of(this);
        const observer = new QueryCall(this, server, active, parts);
        Object.defineProperty(this, CALL, { value: observer });
        observer.watch();
        // A connection that is opened for this query serves others later: it belongs to no request.
        return runInContext(server.connectsInContext ? active : ROOT_CONTEXT, handleQuery, original, this);
      },
  );
}

function handleQuery(original: QueryPrototype['handle'], query: PostgresQuery): unknown {
  return original.call(query);
}

/**
 * Calls `onAssigned` when a query gets another value than the constructor gives it, the first time.
 * From then on the property is the query's own, as it would be without us.
 */
function watchAssignment<Key extends 'active' | 'statement'>(
  prototype: QueryPrototype,
  key: Key,
  initial: PostgresQuery[Key],
  onAssigned: (query: PostgresQuery) => void,
): void {
  Object.defineProperty(prototype, key, {
    configurable: true,
    enumerable: false,
    get: () => initial,
    set(this: PostgresQuery, value: unknown) {
      if (value === initial) return;
      Object.defineProperty(this, key, { value, configurable: true, enumerable: true, writable: true });
      onAssigned(this);
    },
  });
}
