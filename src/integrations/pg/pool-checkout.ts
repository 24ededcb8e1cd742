// One caller of a pool: while it waits for a connection, and while it has one.
import type { Context } from '@opentelemetry/api';
import type { CapturedStack } from '../../observe/caller-stack.js';
import { type RunningCategory, RunningOperation } from '../../observe/running-operations.js';
import type { PgPool } from './pg-internals.js';
import type { Pools } from './pools.js';

/** A call of pool.query(), which checks a connection out by itself. */
export interface PoolQuery {
  readonly text: unknown;
  /** Something of the app's is called at its end: a callback, or a listener of the pool. */
  readonly bound: boolean;
  /** Empty for a statement that was not slow before. */
  readonly caller: CapturedStack;
}

export class PoolCheckout extends RunningOperation {
  readonly pool: PgPool;
  readonly context: Context;
  readonly startedAt = performance.now();
  /** If it is pool.query() that waits. */
  readonly query: PoolQuery | undefined;
  /** Where pool.connect() was called, with `SIETCH_OTEL_PG_CHECKOUT_STACKS=on`. */
  readonly stack: CapturedStack | undefined;
  /** A reading of `performance.now()`; undefined while it waits. */
  heldSince: number | undefined = undefined;
  readonly #pools: Pools;

  constructor(pool: PgPool, context: Context, query: PoolQuery | undefined, stack: CapturedStack | undefined, pools: Pools) {
    super();
    this.pool = pool;
    this.context = context;
    this.query = query;
    this.stack = stack;
    this.#pools = pools;
  }

  get category(): RunningCategory {
    return 'wait';
  }

  get title(): string {
    return `waiting for a connection of pool ${this.#pools.targetOf(this.pool).name}`;
  }
}
