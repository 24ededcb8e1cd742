// One claim in PostgreSQL and the transaction that holds it, on a connection of its own.
import { context } from '@opentelemetry/api';
import { suppressTracing } from '@opentelemetry/core';
import type { PoolClient, QueryResult } from 'pg';
import { ClaimError } from './claims.js';
import { classifyPgFailure, sqlStateOf } from './pg-failure.js';
import { TransactionEndedError, WebhookQueueError } from './webhook-error.js';

/** Longest wait of a claim for another transaction that holds it. */
const LOCK_TIMEOUT_MS = 2000;
/** Longest time for a statement of ours: a server that is gone does not say so. */
const ANSWER_TIMEOUT_MS = 5000;
/**
 * The server finds out within half a minute that this process's machine is gone, and frees its
 * claims.
 */
const BEGIN = `BEGIN; SELECT set_config('sietch.lock_timeout', current_setting('lock_timeout'), true); SET LOCAL lock_timeout = ${LOCK_TIMEOUT_MS};
  SET LOCAL tcp_keepalives_idle = 10; SET LOCAL tcp_keepalives_interval = 5; SET LOCAL tcp_keepalives_count = 3`;
/** SQLSTATE in_failed_sql_transaction. */
const FAILED_TRANSACTION = '25P02';
const OTHER_TRANSACTION = 'is not the transaction of the claim';

export class ClaimTransaction {
  readonly client: PoolClient;
  readonly #table: string;
  /** Error that lost the connection; the next query on an idle client gets a vaguer one. */
  #loss: Error | undefined;
  readonly #onLoss = (error: Error): void => {
    this.#loss ??= error;
  };
  /** The server's number of the transaction, once it holds the claim. */
  #id: string | undefined;

  /** @param table of the claims, quoted. */
  constructor(client: PoolClient, table: string) {
    this.client = client;
    this.#table = table;
    client.on('error', this.#onLoss);
  }

  async begin(): Promise<void> {
    await this.#query(BEGIN);
  }

  /** False where the event's work was done. */
  async claim(queue: string, key: string): Promise<boolean> {
    // The limit is for this statement: those of the processor wait as long as `lock_timeout` of its
    // connection.
    const sql = `INSERT INTO ${this.#table} (queue, event_key) VALUES ($1, $2) ON CONFLICT DO NOTHING
      RETURNING txid_current()::text AS id, set_config('lock_timeout', current_setting('sietch.lock_timeout'), true)`;
    const { rows } = await this.#query(sql, [queue, key]).catch((error: unknown) => {
      throw asClaimError(error);
    });
    const id: unknown = rows[0]?.['id'];
    this.#id = typeof id === 'string' && /^\d+$/.test(id) ? id : undefined;
    return this.#id !== undefined;
  }

  /**
   * Makes claim and work lasting, if this is still the transaction that the claim was made in.
   * @throws {ClaimError} when the server is away. Where only its answer was lost, the next attempt
   * finds the claim, and with it the work, done.
   */
  async commit(): Promise<void> {
    try {
      // One message: where the check fails COMMIT is not run. The cast of a text that is no number
      // is the shortest way to fail.
      await this.#query(`SELECT CASE WHEN txid_current_if_assigned() IS DISTINCT FROM ${this.#id}
        THEN (coalesce(txid_current_if_assigned()::text, 'none') || ' ${OTHER_TRANSACTION}')::int END; COMMIT`);
    } catch (error) {
      if (sqlStateOf(error) === FAILED_TRANSACTION) {
        throw new Error('A statement of the transaction failed, so nothing of it was kept', { cause: error });
      }
      // Writes after the end of its transaction became lasting one by one: a retry would do them
      // twice.
      if (error instanceof Error && error.message.includes(OTHER_TRANSACTION)) throw new TransactionEndedError({ cause: error });
      const reason = this.#reasonOf(error);
      throw isAway(reason) ? new ClaimError('unavailable', { cause: error }) : reason;
    }
  }

  /**
   * Undoes what is not lasting.
   * @returns what the attempt failed of, `error` being what it was seen to fail of.
   */
  async rollBack(queue: string, key: string, error: unknown): Promise<{ error: unknown; isBroken: boolean }> {
    // ROLLBACK would wait behind a query that has no end.
    if (error instanceof WebhookQueueError && error.code === 'WEBHOOK_TRANSACTION_BUSY') return { error, isBroken: true };
    const status = this.#id === undefined ? '' : `; SELECT txid_status(${this.#id}) AS status`;
    try {
      const results: unknown = await this.#query(`ROLLBACK${status}`);
      if (!isCommitted(results)) return { error, isBroken: false };
      // The processor made the claim lasting with a part of its work: without the claim the event
      // is a dead letter that can be replayed.
      await this.#query(`DELETE FROM ${this.#table} WHERE queue = $1 AND event_key = $2`, [queue, key]);
      return { error: error instanceof TransactionEndedError ? error : new TransactionEndedError({ cause: error }), isBroken: false };
    } catch {
      const isLost = this.#loss !== undefined && !(error instanceof ClaimError) && isAway(this.#reasonOf(error));
      return { error: isLost ? new ClaimError('unavailable', { cause: error }) : error, isBroken: true };
    }
  }

  release(isBroken: boolean): void {
    this.client.removeListener('error', this.#onLoss);
    this.client.release(isBroken);
  }

  /** Prefers the error that lost the connection: later queries only learn that there is none. */
  #reasonOf(error: unknown): unknown {
    return sqlStateOf(error) === undefined ? (this.#loss ?? error) : error;
  }

  /** Without values, so that a text may hold several statements, unless there are some. */
  #query(text: string, values?: unknown[]): Promise<QueryResult<Record<string, unknown>>> {
    const statement = { text, ...(values === undefined ? {} : { values }), query_timeout: ANSWER_TIMEOUT_MS };
    return quietly(() => this.client.query(statement));
  }
}

/** A ClaimError where the claim store could not decide; else the error itself. */
export function asClaimError(error: unknown): unknown {
  const failure = classifyPgFailure(error);
  return failure === 'refused' ? error : new ClaimError(failure, { cause: error });
}

function isAway(error: unknown): boolean {
  return classifyPgFailure(error) === 'unavailable';
}

/** Our own statements make no spans in the app's traces. */
export function quietly<Result>(run: () => Promise<Result>): Promise<Result> {
  return context.with(suppressTracing(context.active()), run);
}

/** Results of a text of two statements. */
function isCommitted(results: unknown): boolean {
  const last: unknown = Array.isArray(results) ? results.at(-1) : undefined;
  const rows: unknown = typeof last === 'object' && last !== null && 'rows' in last ? last.rows : undefined;
  return Array.isArray(rows) && rows[0]?.status === 'committed';
}
