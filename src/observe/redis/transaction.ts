// The commands between MULTI and EXEC on one connection: what they did is known only when EXEC has
// answered.
import type { ObservedCommand, Transaction } from './observed-command.js';

const MAX_COMMANDS = 1000;
/** By connection: the client's object for it. */
const transactions = new WeakMap<object, Transaction>();

/** Follows MULTI, EXEC and DISCARD; gives the command the transaction it belongs to. */
export function joinTransaction(connection: object, command: ObservedCommand): void {
  const { name } = command.kind;
  if (name === 'multi') {
    transactions.set(connection, { commands: [] });
    return;
  }
  const transaction = transactions.get(connection);
  if (transaction === undefined) return;
  command.transaction = transaction;
  if (name === 'exec' || name === 'discard') {
    transactions.delete(connection);
  } else if (transaction.commands.length < MAX_COMMANDS) {
    transaction.commands.push(command);
  }
}

/** Whether what is sent on `connection` now would become part of the app's transaction. */
export function isInTransaction(connection: object): boolean {
  return transactions.has(connection);
}

/**
 * The commands of a transaction that took effect, by the reply of its EXEC; none when it was
 * refused or a watched key had changed.
 */
export function succeededIn(transaction: Transaction, reply: unknown): readonly [command: ObservedCommand, reply: unknown][] {
  if (!Array.isArray(reply)) return [];
  const results: readonly unknown[] = reply;
  return transaction.commands.flatMap((command, index): [ObservedCommand, unknown][] =>
    index >= results.length || results[index] instanceof Error ? [] : [[command, results[index]]],
  );
}
