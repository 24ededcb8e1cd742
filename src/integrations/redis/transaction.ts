// The commands between MULTI and EXEC on one connection: what they did is known only when EXEC has
// answered.
import { type RedisClient, setHidden } from './client.js';
import type { Operation, Transaction } from './operation.js';

const TRANSACTION = Symbol('sietch-otel.redis.transaction');
type Connection = RedisClient & { [TRANSACTION]?: Transaction | undefined };

const MAX_OPERATIONS = 1000;

/** Follows MULTI, EXEC and DISCARD; gives the command the transaction it belongs to. */
export function joinTransaction(client: Connection, operation: Operation): void {
  const { name } = operation.kind;
  if (name === 'multi') {
    setHidden(client, TRANSACTION, { operations: [] } satisfies Transaction);
    return;
  }
  const transaction = client[TRANSACTION];
  if (transaction === undefined) return;
  operation.transaction = transaction;
  if (name === 'exec' || name === 'discard') {
    client[TRANSACTION] = undefined;
  } else if (transaction.operations.length < MAX_OPERATIONS) {
    transaction.operations.push(operation);
  }
}

/** Whether what is sent to `client` now would become part of the app's transaction. */
export function isInTransaction(client: Connection): boolean {
  return client[TRANSACTION] !== undefined;
}

/**
 * The commands of a transaction that took effect, by the reply of its EXEC; none when it was
 * refused or a watched key had changed.
 */
export function succeededIn(transaction: Transaction, reply: unknown): readonly [operation: Operation, reply: unknown][] {
  if (!Array.isArray(reply)) return [];
  const results: readonly unknown[] = reply;
  return transaction.operations.flatMap((operation, index): [Operation, unknown][] =>
    index >= results.length || results[index] instanceof Error ? [] : [[operation, results[index]]],
  );
}
