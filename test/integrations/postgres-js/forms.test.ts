// Each way to send a query with postgres.js, by require() and by import: the app sees what it sees without us, and each query is one span.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Exit, runApp } from '../../support/app.ts';
import { INSTALLING_MS } from '../../support/npm-packages.ts';
import { allText, isQuery, lastPoint, type Receiver, type Span, startReceiver } from '../../support/otlp.ts';
import { POSTGRES_JS_VERSIONS, postgresJsProject } from '../../support/postgres-js.ts';
import { freshDatabase } from '../../support/servers.ts';

const programs = ['required.cjs', 'imported.mjs'] as const;
const cases = POSTGRES_JS_VERSIONS.flatMap((version) => programs.map((program) => ({ version, program })));
/** How fast this machine is, and whether it was busy, is not what is tested. */
const UNTIMED = { SIETCH_OTEL_PG_SLOW_QUERY_MS: '0' };

const DATA = 'ERROR 22P02: SQLSTATE 22P02 data_exception';
const DIVISION = 'ERROR 22012: SQLSTATE 22012 data_exception';
const SYNTAX = 'syntax_error_or_access_rule_violation';
const CANCELLED = 'ERROR 57014: SQLSTATE 57014 operator_intervention';
const BEGIN = 'BEGIN | begin';
const COMMIT = 'COMMIT | commit';
const ONE = 'SELECT | select ? as n | 1 rows';
const SERIES = 'SELECT | select n from generate_series(?) as n';

/** What happens under the app's span of this name, as `operation | text | rows | affected | error`. */
const expected: Readonly<Record<string, readonly string[]>> = {
  tagged: ['SELECT | select $1::int as n, $2::text as t | 1 rows'],
  'tagged, no values': [ONE],
  fragment: [`${SERIES} where n > $1 | 2 rows`],
  insert: ['INSERT | insert into t ("n","note")values($1,$2),($3,$4) | 2 affected'],
  returning: ['INSERT | insert into t ("n","note")values($1,$2) returning n | 1 rows | 1 affected'],
  update: ['UPDATE | update t set "note"=$1 where n in ($2,$3) | 2 affected'],
  identifiers: ['SELECT | select "n","note" from "t" order by n | 3 rows'],
  array: ['SELECT | select n from t where n = any($1::int[]) order by n | 2 rows'],
  json: ['SELECT | select $1::jsonb as doc | 1 rows'],
  unsafe: ['SELECT | select ? as t | 1 rows'],
  'unsafe, values': ['SELECT | select $1::int as n | 1 rows'],
  'unsafe, prepared': ['SELECT | select $1::int as n | 1 rows'],
  multi: ['SELECT | select ? as a; select ? as b'],
  file: [ONE],
  'file, missing': [],
  prepared: ['SELECT | select $1::int as twice | 1 rows', 'SELECT | select $1::int as twice | 1 rows'],
  cursor: [`${SERIES} | 5 rows`, 'rows', 'rows', 'rows'],
  'cursor, callback': [`${SERIES} | 5 rows`, 'rows called', 'rows called', 'rows called'],
  'cursor, left': [`${SERIES} | 2 rows`],
  'cursor, closed': [`${SERIES} | 2 rows`],
  'cursor, error': [`SELECT | select ?/? as n | ${DIVISION}`],
  forEach: [`${SERIES} | 3 rows`, 'row', 'row', 'row'],
  'copy from': ['COPY | copy t from stdin | 2 affected'],
  'copy to': ['COPY | copy (select ?) to stdout | 1 affected'],
  'copy from, given up': [`COPY | copy t from stdin | ${CANCELLED}`, ONE],
  transaction: [BEGIN, 'INSERT | insert into t (n) values ($1) returning n | 1 rows | 1 affected', COMMIT],
  'transaction, array': [BEGIN, 'SELECT | select ? as a | 1 rows', 'SELECT | select ? as b | 1 rows', COMMIT],
  savepoint: [BEGIN, 'SAVEPOINT | savepoint "s0"', `SELECT | select $1::int | ${DATA}`, 'ROLLBACK | rollback to "s0"', ONE, COMMIT],
  rollback: [BEGIN, ONE, 'ROLLBACK | rollback'],
  // A notification belongs to no request: its span is below none.
  listen: ['LISTEN | listen "spans"', 'SELECT | select pg_notify($1, $2) | 1 rows', 'UNLISTEN | unlisten "spans"'],
  describe: ['SELECT | select $1::int as n'],
  raw: ['SELECT | select ? as t | 1 rows'],
  lazy: ['SELECT | select ? as t | 1 rows'],
  promise: [ONE],
  cancel: [`SELECT | select pg_sleep(?) | ${CANCELLED}`],
  'cancel, waiting': [`SELECT | select ? as never | ${CANCELLED}`, 'SELECT | select pg_sleep(?) | 1 rows', BEGIN, ONE, COMMIT],
  error: [`SELECT | select $1::text::int as n | ${DATA}`],
  'error, syntax': [`_OTHER | selec ? | ERROR 42601: SQLSTATE 42601 ${SYNTAX}`],
  'error, name': [`SELECT | select nothing | ERROR 42703: SQLSTATE 42703 ${SYNTAX}`],
  'error, end': [`SELECT | select ( | ERROR 42601: SQLSTATE 42601 ${SYNTAX}`],
  // Values are put in when a connection takes the query.
  'error, undefined': ['SELECT | select ? | ERROR UNDEFINED_VALUE: '],
  'error, not tagged': [],
  'error, twice': [`SELECT | select ?/? as n | ${DIVISION}`],
  refused: ['SELECT | select ? as t | ERROR ECONNREFUSED: '],
  ended: ['SELECT | select ? | ERROR CONNECTION_ENDED: '],
  last: [],
  'at once': Array.from({ length: 5 }, () => 'SELECT | select $1::int as n | 1 rows'),
  reserve: [ONE, 'SELECT | select ? as n | 1 rows'],
  values: ['SELECT | select ? as a, ? as b | 1 rows'],
  simple: ['SELECT | select ? as t | 1 rows'],
};

describe.each(cases)('postgres $version, $program', { timeout: INSTALLING_MS }, ({ version, program }) => {
  let folder: string;
  let bare: Exit;
  let observed: Exit;
  let receiver: Receiver;
  const run = async (options: Parameters<typeof runApp>[1]) =>
    runApp(join(folder, program), { args: [await freshDatabase()], cwd: folder, ...options }).waitForExit(60_000);

  beforeAll(async () => {
    folder = await postgresJsProject(version);
    receiver = await startReceiver();
    bare = await run({ preload: 'none' });
    observed = await run({ receiver, env: { ...UNTIMED, OTEL_METRICS_EXPORTER: 'otlp', SIETCH_OTEL_DB_ROOT_SPANS: 'all' } });
  }, INSTALLING_MS);
  afterAll(async () => {
    await receiver.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test('results, errors and objects are what they are without the preload', () => {
    expect(bare).toMatchObject({ code: 0, stdout: expect.stringMatching(/^unhandled rejection 22012\ndone$/m) });
    expect(observed.stdout).toBe(bare.stdout);
    // SIETCH003: could not be started; 040 to 049: an error of ours, or a member that is not there.
    expect(observed.stderr).not.toMatch(/SIETCH00|SIETCH04/);
  });

  test.each([
    ['comments leading, everything slow', { SIETCH_OTEL_PG_COMMENT_POSITION: 'leading', SIETCH_OTEL_PG_SLOW_QUERY_MS: '1' }],
    ['unsampled', { OTEL_TRACES_SAMPLER: 'always_off' }],
    ['turned off', { OTEL_NODE_DISABLED_INSTRUMENTATIONS: 'postgres' }],
  ])('and so they are with other settings: %s', async (_name, env) => {
    expect((await run({ receiver: await silentReceiver(), env: { ...UNTIMED, ...env } })).stdout).toBe(bare.stdout);
  });

  test('each query is a span below its caller, in each form', () => {
    const forms = [...bare.stdout.matchAll(/^(\w[\w, ]*?) (?=[[{'"\d])/gm)].flatMap(([, form = '']) => (form in expected ? [form] : []));
    expect(forms.length).toBeGreaterThanOrEqual(47);
    const actual = Object.fromEntries(forms.map((form) => [form, childrenOf(receiver.store.spans, form)]));
    expect(actual).toEqual(Object.fromEntries(forms.map((form) => [form, expected[form]])));
  });

  test('and one record of the duration; each names its server', () => {
    const queries = receiver.store.spans.filter(isQuery);
    const points = receiver.store.metrics.findLast(({ name }) => name === 'db.client.operation.duration')?.points ?? [];
    expect(points.reduce((total, { count = 0 }) => total + count, 0)).toBe(queries.length);
    expect(new Set(queries.map(({ attributes }) => attributes['server.address']))).toEqual(new Set(['127.0.0.1']));
    expect(new Set(queries.map(({ attributes }) => attributes['db.system.name']))).toEqual(new Set(['postgresql']));
    expect(lastPoint(receiver.store.metrics, 'db.client.connection.wait_time')?.count).toBeGreaterThan(0);
  });

  test('a notification is below no request', () => {
    const notified = receiver.store.spans.filter(({ name }) => name === 'notified');
    expect(notified.map(({ parentSpanId }) => parentSpanId ?? '')).toEqual(['']);
  });

  test('no value and no message of the server is in anything sent', () => {
    expect(allText(receiver.store)).not.toContain('secret');
  });
});

const silent: Receiver[] = [];
async function silentReceiver(): Promise<Receiver> {
  const receiver = await startReceiver();
  silent.push(receiver);
  return receiver;
}
afterAll(async () => {
  for (const receiver of silent) await receiver.close();
});

function childrenOf(spans: readonly Span[], form: string): string[] {
  const parent = spans.find(({ name }) => name === form);
  // How often the app asks whether its query runs already is not known.
  const isQuestion = ({ attributes }: Span) => String(attributes['db.query.text']).includes('pg_stat_activity');
  return spans
    .filter((span) => parent !== undefined && span.parentSpanId === parent.spanId && !isQuestion(span))
    .map(describeSpan)
    .sort(byPlace(form));
}

/** Spans arrive in the order in which they end; the order of what begins at once is not known. */
function byPlace(form: string): (a: string, b: string) => number {
  const place = (text: string) => expected[form]?.indexOf(text) ?? -1;
  return (a, b) => place(a) - place(b);
}

function describeSpan(span: Span): string {
  const { name, attributes, status } = span;
  if (!isQuery(span)) return name;
  const facts = [
    attributes['db.operation.name'],
    attributes['db.query.text'],
    attributes['db.response.returned_rows'] === undefined ? '' : `${attributes['db.response.returned_rows']} rows`,
    attributes['sietch.pg.affected_rows'] === undefined ? '' : `${attributes['sietch.pg.affected_rows']} affected`,
    attributes['error.type'] === undefined ? '' : `${status.code} ${attributes['error.type']}: ${status.message}`,
  ];
  return facts.filter((fact) => fact !== '' && fact !== undefined).join(' | ');
}
