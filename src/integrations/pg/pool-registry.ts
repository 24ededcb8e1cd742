// The pools of the process: what their gauges are read from. Pools of the same name (same server
// and database) are added up.
import type { BatchObservableResult, Meter, Observable } from '@opentelemetry/api';
import { createInstrument } from '../../config/metric.js';
import { ATTR_POOL_NAME } from '../../observe/postgresql/names.js';
import { readTarget, type Target } from '../../observe/postgresql/target.js';
import { ATTR_POOL_STATE, METRIC_CONNECTIONS, METRIC_MAX_CONNECTIONS, METRIC_PENDING_REQUESTS } from './names.js';
import { isClient, type PgPool } from './pg-internals.js';

/**
 * Names of pools remembered, so that one that is gone is exported as 0 rather than with its last
 * value for ever.
 */
const MAX_NAMES = 200;

interface Totals {
  used: number;
  idle: number;
  pending: number;
  max: number;
}

export class PoolRegistry {
  /** Weak: an app may drop a pool without ending it. */
  readonly #pools = new Set<WeakRef<PgPool>>();
  readonly #references = new WeakMap<PgPool, WeakRef<PgPool>>();
  readonly #targets = new WeakMap<PgPool, Target>();
  readonly #names = new Set<string>();

  add(pool: PgPool): void {
    if (this.#references.has(pool)) return;
    const reference = new WeakRef(pool);
    this.#references.set(pool, reference);
    this.#pools.add(reference);
  }

  delete(pool: PgPool): void {
    const reference = this.#references.get(pool);
    if (reference !== undefined) this.#pools.delete(reference);
  }

  /**
   * A pool's options may come from a url or from the environment; its first client knows what they
   * came to.
   */
  learnTarget(pool: PgPool): void {
    if (this.#targets.has(pool)) return;
    const client = pool._clients?.[0];
    if (isClient(client)) this.#targets.set(pool, readTarget(client.connectionParameters));
  }

  targetOf(pool: PgPool): Target {
    return this.#targets.get(pool) ?? readTarget(undefined);
  }

  *[Symbol.iterator](): IterableIterator<PgPool> {
    for (const reference of this.#pools) {
      const pool = reference.deref();
      if (pool === undefined) this.#pools.delete(reference);
      else yield pool;
    }
  }

  /** Makes the gauges on `meter`. */
  observe(meter: Meter): void {
    const connections = createInstrument(meter, METRIC_CONNECTIONS);
    const pending = createInstrument(meter, METRIC_PENDING_REQUESTS);
    const max = createInstrument(meter, METRIC_MAX_CONNECTIONS);
    meter.addBatchObservableCallback((result) => this.#report(result, connections, pending, max), [connections, pending, max]);
  }

  #report(result: BatchObservableResult, connections: Observable, pending: Observable, max: Observable): void {
    for (const [name, totals] of this.#totals()) {
      const attributes = { [ATTR_POOL_NAME]: name };
      result.observe(connections, totals.used, { ...attributes, [ATTR_POOL_STATE]: 'used' });
      result.observe(connections, totals.idle, { ...attributes, [ATTR_POOL_STATE]: 'idle' });
      result.observe(pending, totals.pending, attributes);
      result.observe(max, totals.max, attributes);
    }
  }

  #totals(): Map<string, Totals> {
    const all = new Map<string, Totals>();
    for (const name of this.#names) all.set(name, { used: 0, idle: 0, pending: 0, max: 0 });
    for (const pool of this) {
      const { name } = this.targetOf(pool);
      const totals = all.get(name) ?? { used: 0, idle: 0, pending: 0, max: 0 };
      totals.used += pool.totalCount - pool.idleCount;
      totals.idle += pool.idleCount;
      totals.pending += pool.waitingCount;
      if (typeof pool.options.max === 'number') totals.max += pool.options.max;
      all.set(name, totals);
      if (this.#names.size < MAX_NAMES) this.#names.add(name);
    }
    return all;
  }
}
