// What is known of one client of node-postgres: its database, who has checked it out, and since
// when its connection is idle.
import type { CapturedStack } from '../../observe/caller-stack.js';
import type { QuerySource } from '../../observe/postgresql/query-source.js';
import type { Statement } from '../../observe/postgresql/statement.js';
import { readTarget, type Target } from '../../observe/postgresql/target.js';
import type { PgClient } from './pg-internals.js';
import type { PoolCheckout } from './pool-checkout.js';

export class ClientSource implements QuerySource<PgClient> {
  readonly target: Target;
  readonly client: PgClient;
  poolWaitMs: number | undefined = undefined;
  /** The last; it is over when the pool has the client among the idle ones. */
  checkout: PoolCheckout | undefined = undefined;
  /** The checkout of pool.query(), while that makes its query: it is the next on this client. */
  querying: PoolCheckout | undefined = undefined;
  /** End of the last query, a reading of `performance.now()`. */
  idleSince = performance.now();
  #isInTransaction = false;

  constructor(client: PgClient) {
    this.client = client;
    this.target = readTarget(client.connectionParameters);
  }

  /** A query of pool.query() is sent when the pool has a connection for it. */
  get caller(): CapturedStack | undefined {
    return this.checkout?.query?.caller;
  }

  /** The checkout whose query is made now. */
  takeQuerying(): PoolCheckout | undefined {
    const { querying } = this;
    if (querying !== undefined) this.querying = undefined;
    return querying;
  }

  ended({ transaction }: Statement, now: number): void {
    this.idleSince = now;
    if (transaction !== undefined) this.#isInTransaction = transaction === 'begins';
  }

  /** As the server has told last, where pg remembers it; else by the statements. */
  get isInTransaction(): boolean {
    const { _txStatus: status } = this.client;
    return typeof status === 'string' ? status !== 'I' : this.#isInTransaction;
  }
}
