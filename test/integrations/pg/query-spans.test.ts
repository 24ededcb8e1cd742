// One ended span and one duration record for each query, whatever its form.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runApp } from '../../support/app.ts';
import { allText, isQuery, type Receiver, type Span, spanNamed, startReceiver } from '../../support/otlp.ts';
import { freshDatabase } from '../../support/servers.ts';

let receiver: Receiver;
let database: string;
beforeAll(async () => {
  receiver = await startReceiver();
  const url = await freshDatabase();
  database = new URL(url).pathname.slice(1);
  const app = runApp('test/app/pg-spans.js', {
    args: [url],
    receiver,
    env: { OTEL_METRICS_EXPORTER: 'otlp', SIETCH_OTEL_PG_CONNECT_SPANS: 'on', SIETCH_OTEL_DB_ROOT_SPANS: 'all' },
  });
  expect(await app.waitForExit(60_000)).toMatchObject({ code: 0, stdout: 'done 32\n' });
});
afterAll(() => receiver.close());

/** What happened under the app's span of this name, as `name rows affected error`. */
function queriesOf(form: string): string[] {
  const parent = spanNamed(receiver.store.spans, form);
  const children = receiver.store.spans.filter((span) => span.parentSpanId === parent.spanId && isQuery(span));
  return children.map(describe);
}

function describe({ name, attributes, status }: Span): string {
  const facts = [
    name.replace(database, '{database}'),
    attributes['db.query.text'],
    attributes['db.response.returned_rows'] === undefined ? '' : `${attributes['db.response.returned_rows']} rows`,
    attributes['sietch.pg.affected_rows'] === undefined ? '' : `${attributes['sietch.pg.affected_rows']} affected`,
    attributes['error.type'] === undefined ? '' : `${status.code} ${attributes['error.type']}: ${status.message}`,
  ];
  return facts.filter((fact) => fact !== '' && fact !== undefined).join(' | ');
}

const DATA_EXCEPTION = 'data_exception';
test.each([
  ['string', ['SELECT | SELECT ? | 1 rows']],
  ['values', ['SELECT | SELECT $1::int | 1 rows']],
  ['config', ['SELECT | SELECT $1::int | 1 rows']],
  ['callback', ['SELECT | SELECT ? | 1 rows']],
  ['values, callback', ['SELECT | SELECT $1::int | 1 rows']],
  ['config.callback', ['SELECT | SELECT ? | 1 rows']],
  ['named', ['SELECT | SELECT ? | 1 rows']],
  ['multi', ['SELECT SELECT INSERT t | SELECT ?; SELECT ?; INSERT INTO t VALUES (?), (?), (?) | 2 rows | 3 affected']],
  ['update', ['UPDATE t | UPDATE t SET n = n + ? | 3 affected']],
  ['returning', ['DELETE t | DELETE FROM t RETURNING n | 3 rows | 3 affected']],
  ['transaction', ['BEGIN | BEGIN', 'INSERT t | INSERT INTO t VALUES (?) | 1 affected', 'COMMIT | COMMIT']],
  ['Query', ['SELECT generate_series | SELECT n FROM generate_series(?) AS n | 3 rows']],
  ['Query, callback', ['SELECT | SELECT ? | 1 rows']],
  ['cursor', ['SELECT generate_series | SELECT n FROM generate_series(?) AS n | 5 rows']],
  ['cursor, closed', ['SELECT generate_series | SELECT n FROM generate_series(?) AS n | 2 rows']],
  ['stream', ['SELECT generate_series | SELECT n FROM generate_series(?) AS n | 250 rows']],
  ['copy from', ['COPY t | COPY t FROM STDIN | 2 affected']],
  ['copy to', ['COPY t | COPY t TO STDOUT | 3 affected']],
  ['listen', ['LISTEN | LISTEN spans', 'NOTIFY | NOTIFY spans, ?']],
  ['pool.query', ['SELECT | SELECT ? | 1 rows']],
  ['pool.query, callback', ['SELECT | SELECT $1::int | 1 rows']],
  ['pool.connect', ['SELECT | SELECT ? | 1 rows']],
  ['error', [`SELECT | SELECT ?::int | ERROR 22P02: SQLSTATE 22P02 ${DATA_EXCEPTION}`]],
  ['error, callback', [`SELECT | SELECT ?/? | ERROR 22012: SQLSTATE 22012 ${DATA_EXCEPTION}`]],
  ['error, pool.query', ['{database} | SELEC ? | ERROR 42601: SQLSTATE 42601 syntax_error_or_access_rule_violation']],
  ['error, cursor', [`SELECT | SELECT ?/? | ERROR 22012: SQLSTATE 22012 ${DATA_EXCEPTION}`]],
  ['error, Query', ['SELECT | SELECT nothing | ERROR 42703: SQLSTATE 42703 syntax_error_or_access_rule_violation']],
  [
    'error, stream',
    [`SELECT generate_series | SELECT ?/(? - n) FROM generate_series(?) AS n | ERROR 22012: SQLSTATE 22012 ${DATA_EXCEPTION}`],
  ],
  ['error, copy', [`COPY t | COPY t FROM STDIN | ERROR 22P02: SQLSTATE 22P02 ${DATA_EXCEPTION}`]],
  ['error, bind', ['SELECT | SELECT $1 | ERROR Error: ']],
  ['error, no query', ['{database} | ERROR TypeError: ']],
  ['error, timeout', ['SELECT | SELECT pg_sleep(?) | ERROR Error: ']],
])('%s', (form, expected) => {
  expect(queriesOf(form)).toEqual(expected);
});

test('every query is one record of the duration, with its error.type', () => {
  const queries = receiver.store.spans.filter(isQuery);
  const points = lastPoints('db.client.operation.duration');
  expect(sum(points.map(({ count }) => count))).toBe(queries.length);
  const failures = points.filter(({ attributes }) => attributes['error.type'] !== undefined);
  expect(sum(failures.map(({ count }) => count))).toBe(queries.filter(({ status }) => status.code === 'ERROR').length);
  expect(points[0]).toMatchObject({ explicitBounds: [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10] });
});

test('a connection that is made is a span, one that is taken is none', () => {
  const connects = receiver.store.spans.filter(({ name }) => name === 'pg.connect');
  const parents = connects.map(({ parentSpanId }) => receiver.store.spans.find(({ spanId }) => spanId === parentSpanId)?.name);
  // The client before all forms; the pool's first; the pool's next, after an error made it drop that one.
  expect(parents).toEqual([undefined, 'pool.query']);
  expect(receiver.store.spans.filter(({ name }) => name.startsWith('pg-pool'))).toEqual([]);
});

test('no value and no message of the server is in anything sent', () => {
  expect(allText(receiver.store)).not.toContain('secret');
});

function lastPoints(name: string) {
  const metric = receiver.store.metrics.findLast((candidate) => candidate.name === name);
  return metric?.points ?? [];
}

function sum(counts: readonly (number | undefined)[]): number {
  return counts.reduce<number>((total, count) => total + (count ?? 0), 0);
}
