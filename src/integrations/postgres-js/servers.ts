// The server behind each pool of postgres.js. A query knows its pool only by a function that all
// queries of the pool share: the one that cancels them.
import { readTarget, type ServerParameters, type Target } from '../../observe/postgresql/target.js';
import { isSql, type PostgresOptions, type PostgresQuery, probe, type Sql } from './postgres-internals.js';

export interface Server {
  readonly target: Target;
  /** Gives queries to the connections of the pool; those of a transaction go another way. */
  readonly poolHandler: unknown;
  /** A function of the app is called to connect: what it calls belongs to the query's trace. */
  readonly connectsInContext: boolean;
}

const UNKNOWN: Server = { target: readTarget(undefined), poolHandler: undefined, connectsInContext: true };

export class Servers {
  readonly #byCanceller = new WeakMap<object, Server>();

  /**
   * Learns the pool that `postgres()` has made, and those that it makes itself for LISTEN and for
   * subscriptions.
   */
  add(sql: unknown): void {
    if (!isSql(sql)) return;
    const query = probe(sql);
    if (query === undefined || !isFunction(query.canceller) || this.#byCanceller.has(query.canceller)) return;
    this.#byCanceller.set(query.canceller, {
      target: readTarget(parametersOf(sql.options)),
      poolHandler: query.handler,
      connectsInContext: typeof sql.options.pass === 'function' || typeof sql.options.socket === 'function',
    });
    this.#addInner(sql);
  }

  of({ canceller }: PostgresQuery): Server {
    return (isFunction(canceller) ? this.#byCanceller.get(canceller) : undefined) ?? UNKNOWN;
  }

  /** The pool for subscriptions is there; that for LISTEN comes with the first. */
  #addInner({ subscribe, listen }: Sql): void {
    if (isFunction(subscribe)) this.add(Reflect.get(subscribe, 'sql'));
    if (!isFunction(listen) || Object.hasOwn(listen, 'sql')) return;
    Object.defineProperty(listen, 'sql', {
      configurable: true,
      enumerable: false,
      get: () => undefined,
      set: (sql: unknown) => {
        Object.defineProperty(listen, 'sql', { value: sql, configurable: true, enumerable: true, writable: true });
        this.add(sql);
      },
    });
  }
}

/** With a list of hosts any of them may have the connection: then none is named. */
function parametersOf({ host, port, path, database }: PostgresOptions): ServerParameters {
  const name = typeof database === 'string' ? database : undefined;
  const hosts = Array.isArray(host) ? host : [host];
  const [first]: unknown[] = hosts;
  if (hosts.length !== 1 || typeof first !== 'string') return { database: name };
  if (typeof path === 'string' && path !== '' && !first.startsWith('/')) return { host: path, database: name };
  return { host: first, port: Number(Array.isArray(port) ? port[0] : port), database: name };
}

function isFunction(value: unknown): value is (...args: never[]) => unknown {
  return typeof value === 'function';
}
