// Where a query goes, and what is known of the connection that it goes to.
import type { CapturedStack } from '../caller-stack.js';
import type { Statement } from './statement.js';
import type { Target } from './target.js';

export interface QuerySource<Client> {
  readonly target: Target;
  /** Undefined where the library does not show it. */
  readonly client: Client | undefined;
  /** Milliseconds that the caller has waited for the connection; taken by the first query. */
  poolWaitMs: number | undefined;
  /** Who makes the call, where the stack of the moment does not tell. */
  readonly caller: CapturedStack | undefined;
  /** A query has ended; `now` is a reading of `performance.now()`. */
  ended?(statement: Statement, now: number): void;
}
