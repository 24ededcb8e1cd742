// The pools of pg-pool: what server each is for, and how many connections it has.
import { type PoolCounts, PoolRegistry } from '../../observe/postgresql/pool-registry.js';
import { readTarget, type Target } from '../../observe/postgresql/target.js';
import { isClient, type PgPool } from './pg-internals.js';

export class Pools extends PoolRegistry<PgPool> {
  readonly #targets: WeakMap<PgPool, Target>;

  constructor() {
    const targets = new WeakMap<PgPool, Target>();
    super({ nameOf: (pool) => (targets.get(pool) ?? readTarget(undefined)).name, countsOf, isOver: ({ ended }) => ended === true });
    this.#targets = targets;
  }

  /**
   * Adds a pool, once. Its options may come from a url or from the environment; its first client
   * knows what they came to.
   */
  learn(pool: PgPool): void {
    if (this.#targets.has(pool)) return;
    this.add(pool);
    const client = pool._clients?.[0];
    if (isClient(client)) this.#targets.set(pool, readTarget(client.connectionParameters));
  }

  targetOf(pool: PgPool): Target {
    return this.#targets.get(pool) ?? readTarget(undefined);
  }
}

function countsOf({ totalCount, idleCount, waitingCount, options: { max } }: PgPool): PoolCounts {
  return { used: totalCount - idleCount, idle: idleCount, pending: waitingCount, max: typeof max === 'number' ? max : 0 };
}
