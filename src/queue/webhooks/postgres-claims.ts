// Claims in PostgreSQL: one row an event, inserted in the same transaction in which the processor writes. A second insert of the same event waits
// until that transaction has ended, so a crash frees the claim and a commit keeps it; no leases, no clocks.
import { context } from '@opentelemetry/api';
import { suppressTracing } from '@opentelemetry/core';
import { ClaimError, type ClaimResult, type ClaimStore, type Transaction } from './claims.js';
import type { PostgresPlace } from './options.js';
import { loadPg, type PgClient, type PgPool, type PgStatement } from './peers.js';
import { surviveLostConnections } from './pg-pools.js';

/** How long a claim waits for another transaction that holds it. */
const LOCK_TIMEOUT_MS = 2000;
const CONNECT_TIMEOUT_MS = 1000;
/** Longest time for a statement of ours: a server that is gone does not say so. */
const ANSWER_TIMEOUT_MS = 5000;
/** The server finds out within half a minute that this process's machine is gone, and frees its claims. */
const BEGIN = `BEGIN; SET LOCAL lock_timeout = ${LOCK_TIMEOUT_MS};
  SET LOCAL tcp_keepalives_idle = 10; SET LOCAL tcp_keepalives_interval = 5; SET LOCAL tcp_keepalives_count = 3`;
/** SQLSTATE lock_not_available. */
const LOCKED = '55P03';
/** Serializes the creation of the table over processes; any constant number. */
const SETUP_LOCK = 7_384_501;
/** Rows a sweep deletes at most. */
const FORGET_AT_ONCE = 10_000;

export function createPostgresClaims(place: PostgresPlace, poolSize: number): ClaimStore {
  return new PostgresClaims(place, poolSize);
}

class PostgresClaims implements ClaimStore {
  readonly #pool: PgPool;
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
    const client = await this.#begin();
    let isBroken = true;
    try {
      if (await this.#claim(client, queue, key)) {
        const result = await work(client);
        await commit(client);
        isBroken = false;
        return { isFirst: true, result };
      }
      isBroken = !(await rollBack(client));
      return { isFirst: false };
    } catch (error) {
      isBroken = !(await rollBack(client));
      throw error;
    } finally {
      client.release(isBroken);
    }
  }

  async forget(queue: string, olderThan: Date): Promise<void> {
    await this.#ready();
    const sql = `DELETE FROM ${this.#table} WHERE ctid IN (SELECT ctid FROM ${this.#table} WHERE queue = $1 AND claimed_at < $2 LIMIT ${FORGET_AT_ONCE})`;
    await quietly(() => this.#pool.query(sql, [queue, olderThan]));
  }

  async close(): Promise<void> {
    await this.#pool.end();
  }

  async #begin(): Promise<PgClient> {
    try {
      await this.#ready();
      const client = await quietly(() => this.#pool.connect());
      await quietly(() => client.query(ours(BEGIN))).catch((error: unknown) => {
        client.release(true);
        throw error;
      });
      return client;
    } catch (cause) {
      throw new ClaimError('unavailable', { cause });
    }
  }

  /** False where the event's work was done. */
  async #claim(client: PgClient, queue: string, key: string): Promise<boolean> {
    const sql = `INSERT INTO ${this.#table} (queue, event_key) VALUES ($1, $2) ON CONFLICT DO NOTHING`;
    try {
      const { rowCount } = await quietly(() => client.query(ours(sql, [queue, key])));
      return rowCount === 1;
    } catch (cause) {
      throw new ClaimError(hasCode(cause, LOCKED) ? 'busy' : 'unavailable', { cause });
    }
  }

  #ready(): Promise<void> {
    if (!this.#place.migrate) return Promise.resolve();
    this.#setup ??= this.#createTable().catch((error: unknown) => {
      this.#setup = undefined;
      throw error;
    });
    return this.#setup;
  }

  async #createTable(): Promise<void> {
    await quietly(() =>
      this.#pool.query(`BEGIN; SELECT pg_advisory_xact_lock(${SETUP_LOCK});
        CREATE SCHEMA IF NOT EXISTS "${this.#place.schema}";
        CREATE TABLE IF NOT EXISTS ${this.#table} (
          queue text NOT NULL, event_key text NOT NULL, claimed_at timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (queue, event_key));
        CREATE INDEX IF NOT EXISTS webhook_claim_age ON ${this.#table} (queue, claimed_at);
        COMMIT`),
    );
  }
}

async function commit(client: PgClient): Promise<void> {
  const { command } = await quietly(() => client.query(ours('COMMIT'))).catch((cause: unknown) => {
    throw new ClaimError('unavailable', { cause });
  });
  // PostgreSQL answers COMMIT with ROLLBACK where a statement had failed and the processor went on.
  if (command !== 'COMMIT') throw new Error('A statement of the transaction failed, so nothing of it was kept');
}

async function rollBack(client: PgClient): Promise<boolean> {
  try {
    await quietly(() => client.query(ours('ROLLBACK')));
    return true;
  } catch {
    return false;
  }
}

function ours(text: string, values: unknown[] = []): PgStatement {
  return { text, values, query_timeout: ANSWER_TIMEOUT_MS };
}

/** Our own statements make no spans in the app's traces. */
function quietly<Result>(run: () => Promise<Result>): Promise<Result> {
  return context.with(suppressTracing(context.active()), run);
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
