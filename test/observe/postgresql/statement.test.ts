import { expect, test } from 'vitest';
import { MAX_SANITIZED, scanStatement } from '../../../src/observe/postgresql/statement.js';

test.each<[string, string, string]>([
  ['SELECT', 'select 1', 'select ?'],
  ['SELECT', "  SELECT * FROM t WHERE mail = 'a@b.c' AND n = 5", 'SELECT * FROM t WHERE mail = ? AND n = ?'],
  ['SELECT', '(SELECT 1) UNION (SELECT 2)', '(SELECT ?) UNION (SELECT ?)'],
  ['SELECT', 'SELECT\n\t*  FROM t1', 'SELECT * FROM t1'],
  ['SELECT', '/* by me */ SELECT -- 4111\n 1', 'SELECT ?'],
  ['SELECT', "SELECT n FROM t WHERE n IN (1, 2, 3, 'x')", 'SELECT n FROM t WHERE n IN (?)'],
  ['SELECT', 'SELECT 1, a, 2', 'SELECT ?, a, ?'],
  ['SELECT', 'SELECT $1, $2::int', 'SELECT $1, $2::int'],
  ['SELECT', "SELECT '[1,2]'::jsonb -> 0, ARRAY[1,2]", 'SELECT ?::jsonb -> ?, ARRAY[?]'],
  ['SELECT', 'SELECT "Name", "4111111111111111", "a@b.c"', 'SELECT "Name", "?", "?"'],
  ['INSERT', "INSERT INTO t (a, b) VALUES (1, 'x'), (2, 'y')", 'INSERT INTO t (a, b) VALUES (?), (?)'],
  [
    'CREATE',
    'CREATE FUNCTION f() RETURNS int AS $body$ SELECT 4111 $body$ LANGUAGE sql',
    'CREATE FUNCTION f() RETURNS int AS ? LANGUAGE sql',
  ],
  ['ALTER', "ALTER ROLE app PASSWORD 'hunter2'", 'ALTER ROLE app PASSWORD ?'],
  ['BEGIN', 'BEGIN;', 'BEGIN;'],
  ['_OTHER', 'SELEC 1', 'SELEC ?'],
  ['_OTHER', "'SELECT'", '?'],
  ['_OTHER', '', ''],
  ['_OTHER', '-- nothing', ''],
  ['SELECT', "SELECT 'half", 'SELECT ?'],
])('%s is the operation of %j, which is shown as %j', (operation, text, sanitized) => {
  expect(scanStatement(text)).toMatchObject({ operation, sanitized });
});

test('the rest of a text is cut where a backslash makes it uncertain which part is a string', () => {
  // With standard_conforming_strings = off the string ends at the last quote.
  expect(scanStatement(String.raw`SELECT 'it\'s 4111' FROM t`)).toMatchObject({ sanitized: 'SELECT ?', commentable: false });
});

test.each<[string, boolean]>([
  ['SELECT 1', true],
  ['insert into t values (1)', true],
  ['UPDATE t SET a = 1', true],
  ['DELETE FROM t', true],
  ['MERGE INTO t USING u ON true WHEN MATCHED THEN DELETE', true],
  ['WITH a AS (SELECT 1) SELECT * FROM a', true],
  ['VALUES (1)', true],
  ['TABLE t', true],
  ['SELECT 1; UPDATE t SET a = 1;', true],
  ["SELECT '--', $$/*$$ -- end", true],
  ['BEGIN', false],
  ['SELECT 1; COMMIT', false],
  ['COPY t FROM STDIN', false],
  ['EXPLAIN SELECT 1', false],
  ['SET a = 1', false],
  ['LISTEN a', false],
  ['', false],
  [';', false],
  ['-- SELECT 1', false],
  ["SELECT 'half", false],
  ['SELECT 1 /* half', false],
  ['SELECT $$half', false],
  ['SELECT "half', false],
  ['SELECT 1\0', false],
])('%j may have a comment: %s', (text, commentable) => {
  expect(scanStatement(text).commentable).toBe(commentable);
});

test('statements and parameters are counted', () => {
  expect(scanStatement("SELECT 1; ; SELECT ';' ;")).toMatchObject({ count: 2, parameters: 0 });
  expect(scanStatement('SELECT $2, $10, $1')).toMatchObject({ count: 1, parameters: 10 });
});

test('a trailing comment starts a new line only after a line comment', () => {
  expect(scanStatement('SELECT 1').joint).toBe(' ');
  expect(scanStatement('SELECT 1 -- one').joint).toBe('\n');
  expect(scanStatement('SELECT 1 -- one\n + 1').joint).toBe(' ');
});

test('what is shown is bounded, and a huge text is not scanned to its end', () => {
  const values = `INSERT INTO t VALUES ${Array.from({ length: 50_000 }, (_, n) => `(${n}, a${n})`).join(', ')}`;
  const { sanitized, commentable } = scanStatement(values);
  expect(sanitized.length).toBeLessThanOrEqual(MAX_SANITIZED + 1);
  expect(sanitized).toMatch(/^INSERT INTO t VALUES \(\?, a0\), .*…$/);
  expect(commentable).toBe(false);
  const literal = scanStatement(`SELECT '${'x'.repeat(1_000_000)}', 4111`);
  expect(literal).toMatchObject({ sanitized: 'SELECT ?', commentable: false });
});
