// The server behind each pool of postgres.js. A query knows its pool only by a function that all
// queries of the pool share: the one that cancels them.
import { replaceMethod } from '../../observe/method-patches.js';
import { type PoolCounts, PoolRegistry } from '../../observe/postgresql/pool-registry.js';
import { readTarget, type ServerParameters, type Target } from '../../observe/postgresql/target.js';
import type { PoolConnections, Queues } from './connection-file.js';
import { isSql, type Postgres, type PostgresOptions, type PostgresQuery, probe, type Sql } from './postgres-internals.js';
import { Reservations } from './reservations.js';

export interface Server {
  readonly target: Target;
  /** Gives queries to the connections of the pool; those of a transaction go another way. */
  readonly poolHandler: unknown;
  /** A function of the app is called to connect: what it calls belongs to the query's trace. */
  readonly connectsInContext: boolean;
  /** What the pool was made of; undefined for one that we do not know. */
  readonly made: { readonly postgres: Postgres; readonly options: PostgresOptions } | undefined;
  /** Undefined where the connections of the pool are not to be seen. */
  readonly queues: Queues | undefined;
  /** Queries that wait for a connection. */
  waiting: number;
}

function unknownServer(): Server {
  return { target: readTarget(undefined), poolHandler: undefined, connectsInContext: true, made: undefined, queues: undefined, waiting: 0 };
}

export interface ServersParts {
  readonly connections: PoolConnections;
  /** The app's own pools, without those for LISTEN and for subscriptions. */
  readonly pools: PoolRegistry<Server>;
  /** Whether the stack of who reserves a connection is noted. */
  readonly withStacks: boolean;
}

/** The pools, for their gauges. */
export function createPools(): PoolRegistry<Server> {
  return new PoolRegistry<Server>({ nameOf: ({ target }) => target.name, countsOf });
}

export class Servers {
  readonly reservations: Reservations;
  readonly #connections: PoolConnections;
  readonly #pools: PoolRegistry<Server>;
  readonly #byCanceller = new WeakMap<object, Server>();
  readonly #unknown = unknownServer();

  constructor({ connections, pools, withStacks }: ServersParts) {
    this.#connections = connections;
    this.#pools = pools;
    this.reservations = new Reservations(withStacks);
  }

  /**
   * Learns the pool that `postgres` has made, and those that it makes itself for LISTEN and for
   * subscriptions.
   */
  add(sql: unknown, postgres: Postgres): void {
    const server = this.#learn(sql, postgres);
    if (server === undefined || !isSql(sql)) return;
    const { reservations } = this;
    const pools = this.#pools;
    if (server.queues !== undefined) pools.add(server);
    const { end, reserve } = sql;
    const ending: Sql['end'] = function (this: unknown, ...args) {
      pools.delete(server);
      reservations.drop(server);
      return Reflect.apply(end, this, args);
    };
    replaceMethod(sql, 'end', ending);
    if (!isFunction(reserve)) return;
    replaceMethod(sql, 'reserve', function (this: unknown, ...args: never[]) {
      return reservations.observe(server, Reflect.apply(reserve, this, args));
    });
  }

  /** Undefined where it is known, or no pool. */
  #learn(sql: unknown, postgres: Postgres): Server | undefined {
    if (!isSql(sql)) return undefined;
    const query = probe(sql);
    if (query === undefined || !isFunction(query.canceller) || this.#byCanceller.has(query.canceller)) return undefined;
    const { options } = sql;
    const server: Server = {
      target: readTarget(parametersOf(options)),
      poolHandler: query.handler,
      connectsInContext: typeof options.pass === 'function' || typeof options.socket === 'function',
      made: { postgres, options },
      queues: this.#connections.queuesOf(options),
      waiting: 0,
    };
    this.#byCanceller.set(query.canceller, server);
    this.#learnInner(sql, postgres);
    return server;
  }

  of({ canceller }: PostgresQuery): Server {
    return (isFunction(canceller) ? this.#byCanceller.get(canceller) : undefined) ?? this.#unknown;
  }

  /** The pool for subscriptions is there; that for LISTEN comes with the first. */
  #learnInner({ subscribe, listen }: Sql, postgres: Postgres): void {
    if (isFunction(subscribe)) this.#learn(Reflect.get(subscribe, 'sql'), postgres);
    if (!isFunction(listen) || Object.hasOwn(listen, 'sql')) return;
    Object.defineProperty(listen, 'sql', {
      configurable: true,
      enumerable: false,
      get: () => undefined,
      set: (sql: unknown) => {
        Object.defineProperty(listen, 'sql', { value: sql, configurable: true, enumerable: true, writable: true });
        this.#learn(sql, postgres);
      },
    });
  }
}

/** A connection that is being made counts as used, as in pg-pool. */
export function countsOf({ queues, waiting, made }: Server): PoolCounts {
  const max = Number(made?.options.max);
  return {
    used: lengthOf(queues?.connecting) + lengthOf(queues?.reserved) + lengthOf(queues?.busy) + lengthOf(queues?.full),
    idle: lengthOf(queues?.open),
    pending: waiting,
    max: Number.isFinite(max) ? max : 0,
  };
}

function lengthOf(queue: { readonly length: number } | undefined): number {
  return queue?.length ?? 0;
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
