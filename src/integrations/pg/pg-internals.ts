// The parts of node-postgres (pg >= 8.0.3 < 9, pg-pool >= 2 < 4) that we rely on, as types, and the
// checks that they are there.
import type { ServerParameters } from '../../observe/postgresql/target.js';

export interface ConnectionParameters extends ServerParameters {
  readonly user?: string | undefined;
  readonly ssl?: unknown;
  readonly sslnegotiation?: unknown;
  readonly options?: unknown;
}

export interface PgClient {
  readonly connectionParameters?: ConnectionParameters;
  /** Process id of the server's backend. */
  readonly processID?: number | null;
  readonly password?: unknown;
  /** State of the transaction, as the server tells it after each query; pg 8.17 and later. */
  readonly _txStatus?: unknown;
  readonly _activeQuery?: unknown;
  /** Name of the same up to pg 8.16, and in the native client before. */
  readonly activeQuery?: unknown;
  listenerCount?(event: string): number;
  readonly _queryQueue?: readonly unknown[];
  /** Name of the same up to pg 8.16. */
  readonly queryQueue?: readonly unknown[];
}

/**
 * A query that can be queued: pg's own Query, or a Submittable of the app (cursor, stream, COPY).
 */
export interface PgQuery {
  text?: unknown;
  readonly name?: unknown;
  callback?: unknown;
  emit?(...args: unknown[]): unknown;
  readonly _results?: unknown;
  readonly _canceledDueToError?: unknown;
  submit(connection: unknown): unknown;
  handleError(error: unknown, connection?: unknown): unknown;
  handleReadyForQuery?(connection?: unknown): unknown;
}

export type QueryMethod = (this: PgClient, config: unknown, values: unknown, callback: unknown) => unknown;
export type ConnectCallback = (this: unknown, ...results: unknown[]) => unknown;

export interface ClientPrototype {
  query: QueryMethod;
  _connect: (this: PgClient, callback: ConnectCallback) => unknown;
  _pulseQueryQueue: (this: PgClient, initialConnection?: unknown) => unknown;
}

export interface QueryPrototype {
  submit: (this: PgQuery, connection: unknown) => unknown;
  handleError: (this: PgQuery, error: unknown, connection?: unknown) => unknown;
  /** Missing in the native client's Query. */
  handleReadyForQuery?: (this: PgQuery, connection?: unknown) => unknown;
}

export interface ClientClass {
  readonly prototype: ClientPrototype;
  readonly Query: { readonly prototype: QueryPrototype };
}

export interface PgPool {
  readonly options: { readonly max?: unknown; readonly log?: unknown };
  readonly ending?: boolean;
  /** The last client is gone. */
  readonly ended?: boolean;
  readonly totalCount: number;
  readonly idleCount: number;
  readonly waitingCount: number;
  readonly Promise: PromiseConstructor;
  readonly _clients?: readonly unknown[];
  /** Its items hold the clients that nobody has. */
  readonly _idle?: readonly unknown[];
  readonly _pendingQueue?: readonly PendingItem[];
  readonly connect: unknown;
  listenerCount?(event: string): number;
}

/** Waits in the queue of a pool for a connection. */
export interface PendingItem {
  readonly callback?: unknown;
}

export interface PoolPrototype {
  connect: (this: PgPool, callback?: ConnectCallback) => unknown;
  query: (this: PgPool, text: unknown, values: unknown, callback: unknown) => unknown;
  newClient?: (this: PgPool, pendingItem: PendingItem | undefined) => unknown;
}

export interface PoolClass {
  readonly prototype: PoolPrototype;
}

const CLIENT_METHODS = ['query', '_connect', '_pulseQueryQueue'];
const QUERY_METHODS = ['submit', 'handleError'];
const POOL_METHODS = ['connect', 'query'];

export function isClientClass(value: unknown): value is ClientClass {
  return hasPrototype(value, CLIENT_METHODS) && 'Query' in value && hasPrototype(value.Query, QUERY_METHODS);
}

export function isPoolClass(value: unknown): value is PoolClass {
  return hasPrototype(value, POOL_METHODS);
}

/**
 * Paths to the members that are patched, from the exports of `pg`, of its inner files or of
 * `pg-pool`.
 */
export function membersOf(module: string): string[] {
  if (module === 'pg-pool') return POOL_METHODS.map((name) => `prototype.${name}`);
  const Client = module === 'pg' ? 'Client.' : '';
  return [
    ...CLIENT_METHODS.map((name) => `${Client}prototype.${name}`),
    ...QUERY_METHODS.map((name) => `${Client}Query.prototype.${name}`),
  ];
}

export function isClient(value: unknown): value is PgClient {
  return typeof value === 'object' && value !== null && 'connectionParameters' in value;
}

export function isQuery(value: unknown): value is PgQuery {
  return (
    typeof value === 'object' &&
    value !== null &&
    'submit' in value &&
    typeof value.submit === 'function' &&
    'handleError' in value &&
    typeof value.handleError === 'function'
  );
}

function hasPrototype(value: unknown, methods: readonly string[]): value is { prototype: object } {
  if (typeof value !== 'function') return false;
  const prototype: unknown = value.prototype;
  if (typeof prototype !== 'object' || prototype === null) return false;
  return methods.every((name) => typeof Reflect.get(prototype, name) === 'function');
}

/** CommonJS exports, or the default export of an ES module's namespace. */
export function exportsOf(module: unknown): unknown {
  const isNamespace = typeof module === 'object' && module !== null && Object.prototype.toString.call(module) === '[object Module]';
  return isNamespace && 'default' in module ? module.default : module;
}
