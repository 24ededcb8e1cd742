// The pools of node-postgres as they are at this moment: who has which connection, since when, and
// what it does with it.
import { stackText } from '../../observe/caller-stack.js';
import type { PoolClient, PoolState } from '../../observe/live-state.js';
import { ageOf, ownerOf, traceIdOf } from '../../observe/open-calls.js';
import { QueryRun } from '../../observe/postgresql/query-run.js';
import { running } from '../../observe/running-operations.js';
import type { ClientTracer } from './client-tracer.js';
import { clientsInUse } from './held-clients.js';
import type { PgClient, PgPool } from './pg-internals.js';
import type { Pools } from './pools.js';

const MAX_STATEMENT = 200;

type Runs = ReadonlyMap<unknown, QueryRun>;

export function poolStates(pools: Pools, tracer: ClientTracer): PoolState[] {
  const now = performance.now();
  const runs = currentRuns();
  return [...pools].map((pool) => ({
    library: 'pg',
    name: pools.targetOf(pool).name,
    size: pool.totalCount,
    max: typeof pool.options.max === 'number' ? pool.options.max : undefined,
    idle: pool.idleCount,
    waiting: pool.waitingCount,
    clients: clientsInUse(pool).flatMap((client) => describe(client, pool, runs.get(client), tracer, now) ?? []),
  }));
}

/** The query that each client has been at longest. */
function currentRuns(): Runs {
  const runs = new Map<unknown, QueryRun>();
  for (const operation of running) {
    if (operation instanceof QueryRun && operation.client !== undefined && !runs.has(operation.client))
      runs.set(operation.client, operation);
  }
  return runs;
}

/** Undefined for a client that is still being connected. */
function describe(client: PgClient, pool: PgPool, run: QueryRun | undefined, tracer: ClientTracer, now: number): PoolClient | undefined {
  const source = tracer.sourceOf(client);
  const { checkout } = source;
  if (checkout?.heldSince === undefined || checkout.pool !== pool) return undefined;
  const isIdleInTransaction = run === undefined && source.isInTransaction;
  return {
    holder: ownerOf(checkout.context)?.title,
    traceId: traceIdOf(checkout.context),
    heldFor: (now - checkout.heldSince) / 1000,
    statement: run === undefined ? undefined : statementOf(run, tracer),
    statementAge: run === undefined ? undefined : ageOf(run, now),
    idleInTransactionFor: isIdleInTransaction ? (now - source.idleSince) / 1000 : undefined,
    stack: stackText(checkout.stack),
  };
}

/** Never with literals, whatever spans show. */
function statementOf({ shape: { statement } }: QueryRun, { settings }: ClientTracer): string {
  return settings.queryText === 'off' ? statement.operation : statement.sanitized.slice(0, MAX_STATEMENT);
}
