// Claims in PostgreSQL: one row an event, inserted in the same transaction in which the processor
// writes. A second insert of the same event waits until that transaction has ended, so a crash
// frees the claim and a commit keeps it; no leases, no clocks.
import type { Pool } from 'pg';
import { asClaimError, ClaimTransaction, quietly } from './claim-transaction.js';
import type { ClaimResult, ClaimStore, Transaction } from './claims.js';
import type { PostgresPlace } from './options.js';
import { loadPg } from './peers.js';
import { createdOnce } from './pg-failure.js';
import { surviveLostConnections } from './pg-pools.js';

/** Longer than an event loop is blocked now and then: the timer of pg knows nothing of that. */
const CONNECT_TIMEOUT_MS = 5000;
/** Serializes the creation of the table over processes; any constant number. */
const SETUP_LOCK = 7_384_501;
/** Rows a sweep deletes at most. */
const FORGET_AT_ONCE = 10_000;

export function createPostgresClaims(place: PostgresPlace, poolSize: number): ClaimStore {
  return new PostgresClaims(place, poolSize);
}

class PostgresClaims implements ClaimStore {
  readonly #pool: Pool;
  readonly #table: string;
  readonly #place: PostgresPlace;
  #setup: Promise<void> | undefined;

  constructor(place: PostgresPlace, poolSize: number) {
    const given = typeof place.connection === 'string' ? { connectionString: place.connection } : place.connection;
    this.#pool = new (loadPg().Pool)({ max: poolSize, connectionTimeoutMillis: CONNECT_TIMEOUT_MS, allowExitOnIdle: true, ...given });
    surviveLostConnections(this.#pool);
    this.#place = place;
    this.#table = `"${place.schema}".webhook_claim`;
  }

  async once<Result>(queue: string, key: string, work: (transaction: Transaction) => Promise<Result>): Promise<ClaimResult<Result>> {
    const claim = await this.#begin();
    try {
      if (await claim.claim(queue, key)) {
        const result = await work(claim.client);
        await claim.commit();
        claim.release(false);
        return { isFirst: true, result };
      }
    } catch (seen) {
      const { error, isBroken } = await claim.rollBack(queue, key, seen);
      claim.release(isBroken);
      throw error;
    }
    const { isBroken } = await claim.rollBack(queue, key, undefined);
    claim.release(isBroken);
    return { isFirst: false };
  }

  async forget(queue: string, ageMs: number): Promise<void> {
    await this.#ready();
    const sql = `DELETE FROM ${this.#table} WHERE ctid IN (SELECT ctid FROM ${this.#table}
      WHERE queue = $1 AND claimed_at < clock_timestamp() - $2::float8 * interval '1 millisecond' LIMIT ${FORGET_AT_ONCE})`;
    await quietly(() => this.#pool.query(sql, [queue, ageMs]));
  }

  /** Each claim holds a connection while its event is processed. A `max` of the app stays. */
  resize(concurrency: number): void {
    const { connection } = this.#place;
    if (typeof connection === 'string' || connection.max === undefined) this.#pool.options.max = concurrency;
  }

  async close(): Promise<void> {
    await this.#pool.end();
  }

  async #begin(): Promise<ClaimTransaction> {
    try {
      await this.#ready();
      const claim = new ClaimTransaction(await quietly(() => this.#pool.connect()), this.#table);
      await claim.begin().catch((error: unknown) => {
        claim.release(true);
        throw error;
      });
      return claim;
    } catch (error) {
      throw asClaimError(error);
    }
  }

  #ready(): Promise<void> {
    if (!this.#place.migrate) return Promise.resolve();
    this.#setup ??= createdOnce(() => this.#createTable()).catch((error: unknown) => {
      this.#setup = undefined;
      throw error;
    });
    return this.#setup;
  }

  /** One text is one transaction, which ends with it: after BEGIN an error would stay in the session. */
  async #createTable(): Promise<void> {
    await quietly(() =>
      this.#pool.query(`SELECT pg_advisory_xact_lock(${SETUP_LOCK});
        CREATE SCHEMA IF NOT EXISTS "${this.#place.schema}";
        CREATE TABLE IF NOT EXISTS ${this.#table} (
          queue text NOT NULL, event_key text NOT NULL, claimed_at timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (queue, event_key));
        CREATE INDEX IF NOT EXISTS webhook_claim_age ON ${this.#table} (queue, claimed_at)`),
    );
  }
}
