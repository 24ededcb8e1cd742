// Connections that the app has reserved (`sql.reserve()` of postgres.js 3.4): who has each, since
// when, and whether it is used.
import type { Context } from '@opentelemetry/api';
import { activeContext } from '../../context/index.js';
import { type CapturedStack, captureStack } from '../../observe/caller-stack.js';
import { replaceMethod } from '../../observe/method-patches.js';
import type { HeldConnection } from '../../observe/postgresql/held-connections.js';
import { isReserved, probe, type ReservedSql } from './postgres-internals.js';

/** The pool that a connection is of. */
interface Pool {
  readonly target: { readonly name: string };
  /** Callers that wait for a connection. */
  waiting: number;
}

/** A connection stays reserved until it is given back, so there are not more of them. */
const MAX_RESERVATIONS = 1_000;

export class Reservation implements HeldConnection {
  readonly pool: string;
  readonly context: Context;
  readonly heldSince = performance.now();
  readonly stack: CapturedStack | undefined;
  #queries = 0;
  #idleSince = this.heldSince;

  constructor(pool: string, context: Context, stack: CapturedStack | undefined) {
    this.pool = pool;
    this.context = context;
    this.stack = stack;
  }

  get idleSince(): number | undefined {
    return this.#queries > 0 ? undefined : this.#idleSince;
  }

  queryBegun(): void {
    this.#queries++;
  }

  queryEnded(): void {
    this.#queries--;
    this.#idleSince = performance.now();
  }
}

export class Reservations {
  readonly #withStacks: boolean;
  readonly #held = new Map<Reservation, Pool>();
  /** By the function that all queries of a reserved connection share. */
  readonly #byHandler = new WeakMap<object, Reservation>();

  constructor(withStacks: boolean) {
    this.#withStacks = withStacks;
  }

  /** The connection that queries of this handler go to. */
  of(handler: unknown): Reservation | undefined {
    return this.#held.size > 0 && typeof handler === 'function' ? this.#byHandler.get(handler) : undefined;
  }

  [Symbol.iterator](): IterableIterator<Reservation> {
    return this.#held.keys();
  }

  /**
   * A call of `reserve()`.
   * @param reserved its promise, which is returned as it is
   */
  observe(pool: Pool, reserved: unknown): unknown {
    if (!(reserved instanceof Promise)) return reserved;
    const context = activeContext();
    const stack = this.#withStacks ? captureStack() : undefined;
    pool.waiting++;
    reserved.then(
      (sql: unknown) => {
        pool.waiting--;
        if (isReserved(sql)) this.#add(sql, pool, new Reservation(pool.target.name, context, stack));
      },
      () => {
        pool.waiting--; // The app has the error.
      },
    );
    return reserved;
  }

  /** Those of one pool. */
  *in(pool: Pool): Generator<Reservation> {
    for (const [reservation, of] of this.#held) if (of === pool) yield reservation;
  }

  /** The pool has ended, and its connections with it. */
  drop(pool: Pool): void {
    for (const [reservation, of] of this.#held) if (of === pool) this.#held.delete(reservation);
  }

  #add(sql: ReservedSql, pool: Pool, reservation: Reservation): void {
    const handler = probe(sql)?.handler;
    if (typeof handler !== 'function' || this.#held.size >= MAX_RESERVATIONS) return;
    this.#byHandler.set(handler, reservation);
    this.#held.set(reservation, pool);
    const held = this.#held;
    const { release } = sql;
    replaceMethod(sql, 'release', function (this: unknown, ...args: unknown[]) {
      held.delete(reservation);
      return Reflect.apply(release, this, args);
    });
  }
}
