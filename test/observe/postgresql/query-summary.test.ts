import { expect, test } from 'vitest';
import { readStatement, scanStatement } from '../../../src/observe/postgresql/statement.js';

const summaryOf = (text: string) => scanStatement(text).summary;

// The examples of https://opentelemetry.io/docs/specs/semconv/db/database-spans/#generating-a-summary-of-the-query
test.each([
  ['SELECT *\nFROM   wuser_table\nWHERE  username = ?', 'SELECT wuser_table'],
  [
    'INSERT INTO shipping_details (order_id, address) SELECT order_id, address FROM orders WHERE order_id = ?',
    'INSERT shipping_details SELECT orders',
  ],
  ['SELECT * FROM songs, artists WHERE songs.artist_id == artists.id', 'SELECT songs artists'],
  ['SELECT order_date FROM (SELECT * FROM orders o JOIN customers c ON o.customer_id = c.customer_id)', 'SELECT SELECT orders customers'],
  ['SELECT * FROM "song list"', 'SELECT "song list"'],
  ['call some_stored_procedure(1, $2)', 'CALL some_stored_procedure'],
])('the convention: %j', (text, summary) => {
  expect(summaryOf(text)).toBe(summary);
});

test.each([
  ['select 1', 'SELECT'],
  ['SELECT count(*), pg_sleep(0.15) FROM webhook_events', 'SELECT webhook_events'],
  ['SELECT a.b, o.update FROM public.orders AS o, "Shop"."Items" i WHERE o.id IN ($1, $2)', 'SELECT public.orders "Shop"."Items"'],
  ['SELECT * FROM a LEFT JOIN b USING (id) CROSS JOIN LATERAL (SELECT 1 FROM c) x', 'SELECT a b SELECT c'],
  ['SELECT extract(epoch FROM created), substring(name FROM 2) FROM users', 'SELECT users'],
  ['SELECT * FROM users WHERE a IS DISTINCT FROM b AND EXISTS (SELECT 1 FROM orders) ORDER BY x, y', 'SELECT users SELECT orders'],
  ['SELECT id FROM jobs ORDER BY id FOR UPDATE SKIP LOCKED', 'SELECT jobs'],
  ['SELECT a FROM x UNION ALL SELECT b FROM y', 'SELECT x SELECT y'],
  ['(SELECT a FROM x) UNION (SELECT b FROM y)', 'SELECT x SELECT y'],
  ['INSERT INTO t (a, b) VALUES ($1, $2) ON CONFLICT (a) DO UPDATE SET b = $2 RETURNING id', 'INSERT t'],
  ['UPDATE ONLY accounts SET n = $1 FROM owners WHERE owners.id = accounts.owner', 'UPDATE accounts owners'],
  ['DELETE FROM a USING b WHERE a.id = b.id', 'DELETE a b'],
  [
    'MERGE INTO stock s USING sales ON s.id = sales.id WHEN MATCHED THEN DELETE WHEN NOT MATCHED THEN INSERT VALUES (1)',
    'MERGE stock sales',
  ],
  ['WITH old AS (DELETE FROM a RETURNING *) INSERT INTO b SELECT * FROM old', 'WITH DELETE a INSERT b SELECT old'],
  ['EXPLAIN (ANALYZE) SELECT * FROM t', 'EXPLAIN SELECT t'],
  ['DECLARE c CURSOR FOR SELECT * FROM t', 'DECLARE SELECT t'],
  ['COPY t (a, b) FROM STDIN', 'COPY t'],
  ['COPY (SELECT a FROM t) TO STDOUT', 'COPY SELECT t'],
  ['TABLE t', 'TABLE t'],
  ['TRUNCATE TABLE ONLY t', 'TRUNCATE t'],
  ['CREATE TABLE IF NOT EXISTS t (id int REFERENCES u (id) ON DELETE CASCADE ON UPDATE SET NULL)', 'CREATE TABLE t'],
  ['ALTER TABLE t ADD COLUMN n int', 'ALTER TABLE t'],
  ['CREATE POLICY p ON t FOR SELECT USING (true)', 'CREATE'],
  ['GRANT SELECT, INSERT ON t TO someone', 'GRANT'],
  ['BEGIN; INSERT INTO t VALUES (1); COMMIT', 'BEGIN INSERT t COMMIT'],
  ['SET search_path TO x', 'SET'],
  ['LISTEN channel', 'LISTEN'],
])('%s', (text, summary) => {
  expect(summaryOf(text)).toBe(summary);
});

test('what is no statement has no summary', () => {
  for (const text of ['', '-- SELECT 1', 'SELEC * FROM t JOIN u', "'SELECT' FROM t"]) expect(summaryOf(text)).toBe('');
});

test('values are not in it, nor quoted names that look like data', () => {
  const text = `SELECT 'from 4111', $$from x$$ FROM "4111111111111111", "a@b.c" JOIN t ON m = 'into 4111' -- FROM secret`;
  expect(summaryOf(text)).toBe('SELECT "?" "?" t');
});

test('it has at most 255 characters, and no part of a name', () => {
  const tables = Array.from({ length: 100 }, (_, index) => `table_${index}`);
  const summary = summaryOf(`SELECT * FROM ${tables.join(', ')}`);
  expect(summary.length).toBeLessThanOrEqual(255);
  expect(tables).toContain(summary.split(' ').at(-1));
});

test('parentheses without end cost no more than others', () => {
  expect(summaryOf(`SELECT * FROM t WHERE ${'('.repeat(5_000)}SELECT 1 FROM u`)).toBe('SELECT t');
});

test('it is made once for a text', () => {
  expect(readStatement('SELECT * FROM once')).toBe(readStatement('SELECT * FROM once'));
});
