// node-postgres' native client, compiled against libpq on the first run: the app sees what it sees without us, and each query is one span.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type AppOptions, type Exit, runApp } from '../../support/app.ts';
import { allText, isQuery, lastPoint, type Receiver, type Span, spanNamed, startReceiver } from '../../support/otlp.ts';
import { pgWithNative } from '../../support/pg-native.ts';
import { needsPgNative } from '../../support/requirements.ts';
import { freshDatabase } from '../../support/servers.ts';

async function run(options: AppOptions): Promise<Exit> {
  const args = [await freshDatabase(), await pgWithNative()];
  const exit = await runApp('test/app/pg-native-forms.js', { args, ...options }).waitForExit(60_000);
  expect(exit, exit.stderr).toMatchObject({ code: 0, signal: null, stdout: expect.stringMatching(/^all forms were run$/m) });
  return exit;
}

describe('pg-native', await needsPgNative(), () => {
  let receiver: Receiver;
  let bare: string;
  let observed: Exit;
  beforeAll(async () => {
    receiver = await startReceiver();
    bare = (await run({ preload: 'none' })).stdout;
    observed = await run({ receiver, env: { OTEL_METRICS_EXPORTER: 'otlp', SIETCH_OTEL_BANNER: 'off' } });
  });
  afterAll(() => receiver.close());

  test('results, errors, events and objects are what they are without the preload', () => {
    expect(observed.stdout).toBe(bare);
  });

  test.each([
    ['unsampled', { OTEL_TRACES_SAMPLER: 'always_off' }],
    ['comments leading, all slow', { SIETCH_OTEL_PG_COMMENT_POSITION: 'leading', SIETCH_OTEL_PG_SLOW_QUERY_MS: '1' }],
  ])('and so they are with other settings: %s', async (_, env) => {
    expect((await run({ env })).stdout).toBe(bare);
  });

  test('callbacks, listeners and promises go on in the context of the caller', () => {
    expect(observed.stderr.match(/^outside of the caller.*/gm)).toBeNull();
  });

  const ONE = ['SELECT ? AS one | 1 rows'];
  test.each([
    ['string', ONE],
    ['values', ['SELECT $1::int AS n, $2::text AS t | 1 rows']],
    ['config', ['SELECT $1::int AS n | 1 rows']],
    ['callback', ['SELECT ? AS n | 1 rows']],
    ['values, callback', ['SELECT $1::int AS n | 1 rows']],
    ['config.callback', ['SELECT ? AS n | 1 rows']],
    ['named', ['SELECT $1::int AS n | 1 rows']],
    ['named, again', ['SELECT $1::int AS n | 1 rows']],
    ['named, other text', ['SELECT ? | Error']],
    ['named, no text', ['1 rows']],
    ['multi', ['SELECT ? AS a; SELECT ? AS b; CREATE TEMP TABLE t (n int); INSERT INTO t VALUES (?), (?) | 2 rows | 2 affected']],
    ['empty', ['']],
    ['update', ['UPDATE t SET n = n + ? | 2 affected']],
    ['returning', ['DELETE FROM t RETURNING n | 2 rows | 2 affected']],
    ['show', ['SHOW search_path | 1 rows']],
    ['transaction', ['BEGIN', 'INSERT INTO t VALUES (?) | 1 affected', 'COMMIT']],
    ['queued', ['SELECT $1::int AS n | 1 rows', 'SELECT $1::int AS n | 1 rows']],
    ['Query', ['SELECT n FROM generate_series(?) AS n | 3 rows']],
    ['Query, listeners after', ['SELECT n FROM generate_series(?) AS n | 2 rows']],
    ['Query, callback', ['SELECT ? AS n | 1 rows']],
    ['Query, error', ['SELECT nothing | 42703']],
    ['Query, callback, error', ['SELECT nothing | 42703']],
    ['listen', ['LISTEN native_forms', 'NOTIFY native_forms, ?']],
    ['pool.query', ['SELECT ? AS n | 1 rows']],
    ['pool.query, callback', ['SELECT $1::int AS n | 1 rows']],
    ['pool.connect', ['SELECT ? AS n | 1 rows']],
    [
      'pipeline',
      ['SELECT ? AS a | 1 rows', 'SELECT $1::int AS b | 1 rows', 'SELEC | 42601', 'SELECT ?::int | 22P02', 'SELECT ? AS c | 1 rows'],
    ],
    ['error', ['SELECT ?::int | 22P02']],
    ['error, callback', ['SELECT ?/? | 22012']],
    ['error, end of the text', ['SELECT ? FROM | 42601']],
    ['error, named', ['SELECT FROM WHERE | 42601']],
    ['error, pool.query', ['SELEC ? | 42601']],
    ['error, values', ['SELECT $1 | Error']],
    ['error, no query', ['TypeError']],
    ['error, query timeout', ['SELECT pg_sleep(?) | Error']],
    ['error, statement timeout', ['SET statement_timeout = ?; SELECT pg_sleep(?) | 57014']],
    ['error, cancelled', ['SELECT pg_sleep(?) | 57014']],
    // The two that the server ended, and one that it never got.
    ['error, killed', ['SELECT pg_sleep(?) | 57P01', 'SELECT ? | 57P01', 'SELECT ? | Error']],
    ['error, ended', ['SELECT ? | Error']],
  ])('spans of %s', (form, expected) => {
    expect(childrenOf(form)).toEqual(expected);
  });

  test('every query is one record of the duration, with its error.type', () => {
    const queries = receiver.store.spans.filter(isQuery);
    const { points } = receiver.store.metrics.findLast(({ name }) => name === 'db.client.operation.duration') ?? { points: [] };
    const count = (chosen: typeof points) => chosen.reduce((total, point) => total + (point.count ?? 0), 0);
    expect(count(points)).toBe(queries.length);
    const failures = queries.filter(({ status }) => status.code === 'ERROR');
    expect(count(points.filter(({ attributes }) => attributes['error.type'] !== undefined))).toBe(failures.length);
    expect(lastPoint(receiver.store.metrics, 'db.client.operation.duration', { 'error.type': '57014' })).toBeDefined();
  });

  test('no value and no message of the server is in anything sent', () => {
    expect(allText(receiver.store)).not.toContain('secret');
  });

  /** The queries under the app's span of this name, without those by which it looks at the server. */
  function childrenOf(form: string): string[] {
    const parent = spanNamed(receiver.store.spans, form);
    const queries = receiver.store.spans.filter((span) => span.parentSpanId === parent.spanId && isQuery(span));
    return queries.map(describeQuery).filter((line) => !line.includes('pg_stat_activity'));
  }
});

function describeQuery({ attributes: of }: Span): string {
  const facts = [
    of['db.query.text'],
    of['db.response.returned_rows'] === undefined ? undefined : `${of['db.response.returned_rows']} rows`,
    of['sietch.pg.affected_rows'] === undefined ? undefined : `${of['sietch.pg.affected_rows']} affected`,
    of['error.type'],
  ];
  return facts.filter((fact) => fact !== undefined).join(' | ');
}
