// The pools of the process: what their gauges are read from. Pools of the same name (same server
// and database) are added up.
import type { BatchObservableResult, Meter, Observable } from '@opentelemetry/api';
import { createInstrument } from '../../config/metric.js';
import { ATTR_POOL_NAME, ATTR_POOL_STATE, METRIC_CONNECTIONS, METRIC_MAX_CONNECTIONS, METRIC_PENDING_REQUESTS } from './names.js';

/**
 * Names of pools remembered, so that one that is gone is exported as 0 rather than with its last
 * value for ever.
 */
const MAX_NAMES = 200;

/** What a pool is at this moment. */
export interface PoolCounts {
  readonly used: number;
  readonly idle: number;
  /** Callers that wait for a connection. */
  readonly pending: number;
  /** 0 where the pool does not say. */
  readonly max: number;
}

/** What a client library knows of its pools. */
export interface PoolReader<Pool extends object> {
  nameOf(pool: Pool): string;
  countsOf(pool: Pool): PoolCounts;
  /**
   * It has ended and no connection of it is open. One that waits for a client that is never given
   * back is not over.
   */
  isOver?(pool: Pool): boolean;
}

type Totals = { -readonly [Key in keyof PoolCounts]: number };

export class PoolRegistry<Pool extends object> {
  readonly #reader: PoolReader<Pool>;
  /** Weak: an app may drop a pool without ending it. */
  readonly #pools = new Set<WeakRef<Pool>>();
  readonly #references = new WeakMap<Pool, WeakRef<Pool>>();
  readonly #names = new Set<string>();

  constructor(reader: PoolReader<Pool>) {
    this.#reader = reader;
  }

  add(pool: Pool): void {
    if (this.#references.has(pool)) return;
    const reference = new WeakRef(pool);
    this.#references.set(pool, reference);
    this.#pools.add(reference);
  }

  delete(pool: Pool): void {
    const reference = this.#references.get(pool);
    if (reference !== undefined) this.#pools.delete(reference);
  }

  *[Symbol.iterator](): IterableIterator<Pool> {
    for (const reference of this.#pools) {
      const pool = reference.deref();
      if (pool === undefined || this.#reader.isOver?.(pool) === true) this.#pools.delete(reference);
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
      const name = this.#reader.nameOf(pool);
      const counts = this.#reader.countsOf(pool);
      const totals = all.get(name) ?? { used: 0, idle: 0, pending: 0, max: 0 };
      totals.used += counts.used;
      totals.idle += counts.idle;
      totals.pending += counts.pending;
      totals.max += counts.max;
      all.set(name, totals);
      if (this.#names.size < MAX_NAMES) this.#names.add(name);
    }
    return all;
  }
}
