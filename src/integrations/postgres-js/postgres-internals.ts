// The parts of postgres.js 3 that we rely on, as types, and the checks that they are there. The
// package exports one function; the class of its queries is reached through a query that is never
// sent.

export type Handler = (query: PostgresQuery) => unknown;

/** The text of a query and its types, as the connection has prepared it. */
export interface PostgresStatement {
  string: string;
}

/**
 * A promise that is sent when somebody waits for it. `string` and what follows is there once a
 * connection has taken it.
 */
export interface PostgresQuery {
  strings: readonly string[];
  readonly tagged: boolean;
  /** A stack that ends where its template stands; empty for one that has none. */
  readonly origin?: unknown;
  /** Belongs to the pool, a transaction or a reserved connection. */
  readonly handler: unknown;
  /** The same for all queries of one pool; missing in the library's own queries. */
  readonly canceller: unknown;
  readonly options: { readonly simple?: unknown };
  readonly executed: boolean;
  /** The backend of its connection, once it has one. */
  readonly state: { readonly pid?: unknown } | null;
  /** It is this query's answer that the connection waits for. */
  active: boolean;
  statement: PostgresStatement | null;
  resolve(value: unknown): unknown;
  reject(error: unknown): unknown;
  cursorFn?: unknown;
  forEachFn?: unknown;
  readonly string?: unknown;
  /** The server keeps the statement, by a name. */
  readonly prepare?: unknown;
  /** The server has it already: its text is not sent. */
  readonly prepared?: unknown;
}

export interface QueryPrototype {
  handle: (this: PostgresQuery) => unknown;
}

export interface PostgresOptions {
  readonly host?: unknown;
  readonly port?: unknown;
  readonly path?: unknown;
  readonly database?: unknown;
  readonly user?: unknown;
  readonly pass?: unknown;
  readonly ssl?: unknown;
  readonly sslnegotiation?: unknown;
  readonly target_session_attrs?: unknown;
  readonly socket?: unknown;
  readonly max?: unknown;
}

/** The pool that `postgres()` returns; called as a function, it makes queries. */
export interface Sql {
  readonly options: PostgresOptions;
  unsafe(text: string, values?: readonly unknown[], options?: object): unknown;
  end(options?: { readonly timeout?: number }): unknown;
  /** From 3.4 on. */
  reserve?: unknown;
  readonly listen?: unknown;
  readonly subscribe?: unknown;
}

/** A connection that is reserved for its caller. */
export interface ReservedSql {
  unsafe(text: string): unknown;
  release(...args: unknown[]): unknown;
}

export type Postgres = (this: unknown, ...args: unknown[]) => unknown;

/** Members of a query that is not sent yet, and their types. */
const QUERY_MEMBERS = {
  strings: 'object',
  tagged: 'boolean',
  handler: 'function',
  canceller: 'function',
  options: 'object',
  executed: 'boolean',
  state: 'object',
  active: 'boolean',
  statement: 'object',
  resolve: 'function',
  reject: 'function',
  handle: 'function',
} as const;

export function isPostgres(value: unknown): value is Postgres {
  return typeof value === 'function';
}

export function isSql(value: unknown): value is Sql {
  return (
    typeof value === 'function' &&
    'unsafe' in value &&
    typeof value.unsafe === 'function' &&
    'end' in value &&
    typeof value.end === 'function' &&
    'options' in value &&
    typeof value.options === 'object' &&
    value.options !== null
  );
}

export function isReserved(value: unknown): value is ReservedSql {
  return (
    typeof value === 'function' &&
    'unsafe' in value &&
    typeof value.unsafe === 'function' &&
    'release' in value &&
    typeof value.release === 'function'
  );
}

/**
 * A query of this pool. It is never sent, since nobody waits for it.
 * @param missing receives the members that it should have
 */
export function probe(sql: Pick<Sql, 'unsafe'>, missing: string[] = []): PostgresQuery | undefined {
  const query = sql.unsafe('');
  for (const [name, type] of Object.entries(QUERY_MEMBERS)) {
    const found: unknown = typeof query === 'object' && query !== null ? Reflect.get(query, name) : undefined;
    if (typeof found !== type) missing.push(`Query.${name}`);
  }
  return missing.length === 0 && isQuery(query) ? query : undefined;
}

/**
 * The prototype of all queries of this copy of the library, by a pool that has no connections and
 * opens none.
 * @param missing receives the members that should be there
 */
export function queryPrototype(postgres: Postgres, missing: string[]): QueryPrototype | undefined {
  const sql = poolOfNone(postgres);
  if (sql === undefined) missing.push('sql.unsafe');
  const query = sql === undefined ? undefined : probe(sql, missing);
  const prototype: unknown = query === undefined ? undefined : Object.getPrototypeOf(query);
  return isQueryPrototype(prototype) ? prototype : undefined;
}

/** Nothing is read from the environment, and no connection is made. */
const NO_POOL = {
  host: 'localhost',
  port: 5432,
  database: 'none',
  user: 'none',
  max: 0,
  no_subscribe: true,
  target_session_attrs: 'primary',
};

function poolOfNone(postgres: Postgres): Sql | undefined {
  try {
    const sql = postgres({ ...NO_POOL });
    return isSql(sql) ? sql : undefined;
  } catch {
    return undefined;
  }
}

/** CommonJS exports, or the default export of an ES module's namespace. */
export function exportsOf(module: unknown): unknown {
  return typeof module === 'object' && module !== null && 'default' in module ? module.default : module;
}

function isQuery(value: unknown): value is PostgresQuery {
  return typeof value === 'object' && value !== null && 'canceller' in value;
}

function isQueryPrototype(value: unknown): value is QueryPrototype {
  return typeof value === 'object' && value !== null && 'handle' in value && typeof value.handle === 'function';
}
