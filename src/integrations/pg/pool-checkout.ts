// One caller of a pool: while it waits for a connection, and while it has one.
import type { Context } from '@opentelemetry/api';
import { type RunningCategory, RunningOperation } from '../../observe/running-operations.js';
import type { PgPool } from './pg-internals.js';
import type { PoolRegistry } from './pool-registry.js';

export class PoolCheckout extends RunningOperation {
  readonly pool: PgPool;
  readonly context: Context;
  readonly startedAt = performance.now();
  /** The text of the query, if it is pool.query() that waits. */
  readonly query: { readonly text: unknown } | undefined;
  /** A reading of `performance.now()`; undefined while it waits. */
  heldSince: number | undefined = undefined;
  readonly #pools: PoolRegistry;

  constructor(pool: PgPool, context: Context, query: PoolCheckout['query'], pools: PoolRegistry) {
    super();
    this.pool = pool;
    this.context = context;
    this.query = query;
    this.#pools = pools;
  }

  get category(): RunningCategory {
    return 'wait';
  }

  get title(): string {
    return `waiting for a connection of pool ${this.#pools.targetOf(this.pool).name}`;
  }
}
