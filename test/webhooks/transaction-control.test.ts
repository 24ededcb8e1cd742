import { expect, test } from 'vitest';
import { findTransactionControl } from '../../src/webhooks/transaction-control.ts';

test.each([
  ['BEGIN', 'BEGIN'],
  ['begin isolation level serializable', 'BEGIN'],
  ['START TRANSACTION', 'START'],
  ['/* a */ commit', 'COMMIT'],
  ['COMMIT AND CHAIN', 'COMMIT'],
  ['END;', 'END'],
  ['-- why\nROLLBACK', 'ROLLBACK'],
  ['ROLLBACK WORK', 'ROLLBACK'],
  ['ROLLBACK AND CHAIN', 'ROLLBACK'],
  ["ROLLBACK PREPARED 'x'", 'ROLLBACK'],
  ['ABORT', 'ABORT'],
  ["PREPARE TRANSACTION 'x'", 'PREPARE'],
  ["INSERT INTO a VALUES (';'); COMMIT", 'COMMIT'],
  ['SELECT $$;$$;;COMMIT;BEGIN', 'COMMIT'],
])('%s is refused', (sql, word) => {
  expect(findTransactionControl(sql)).toBe(word);
});

test.each([
  'SAVEPOINT commit',
  'ROLLBACK TO SAVEPOINT a',
  'ROLLBACK TRANSACTION TO a',
  'rollback work to savepoint a',
  'RELEASE SAVEPOINT a',
  'SELECT CASE WHEN true THEN 1 END',
  "INSERT INTO a VALUES ('x; COMMIT')",
  'SELECT 1 /* ; COMMIT */',
  'SELECT $a$; COMMIT;$a$',
  'SELECT "begin" FROM "; commit"',
  'PREPARE plan AS SELECT 1',
  'SET LOCAL lock_timeout = 1',
  '',
])('%s is not', (sql) => {
  expect(findTransactionControl(sql)).toBeUndefined();
});
