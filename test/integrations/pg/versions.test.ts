// Each PostgreSQL there is on this machine: the embedded one, and one installed beside it.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runApp } from '../../support/app.ts';
import { lastPoint, type Receiver, startReceiver } from '../../support/otlp.ts';
import { type Postgres, startPostgres } from '../../support/postgres.ts';
import { findEachPostgres } from '../../support/postgres-binaries.ts';

describe.each(findEachPostgres())('$name', (binaries) => {
  const version = Number(/\d+/.exec(binaries.name)?.[0]);
  let postgres: Postgres;
  let receiver: Receiver;
  beforeAll(async () => {
    postgres = await startPostgres({ binaries, logMinDurationMs: 0, settings: { 'auto_explain.log_min_duration': 0 } });
    receiver = await startReceiver();
  });
  afterAll(async () => {
    await receiver.close();
    await postgres.stop();
  });

  test('the app sees what it sees without us', async () => {
    const args = [await postgres.createDatabase()];
    const bare = await runApp('test/app/pg-all-forms.js', { args, preload: 'none' }).waitForExit(60_000);
    const observed = await runApp('test/app/pg-all-forms.js', { args }).waitForExit(60_000);
    expect(bare).toMatchObject({ code: 0, stdout: expect.stringMatching(/^unhandled rejection \{/m) });
    expect(observed.stdout).toBe(bare.stdout);
  });

  test('slow queries have their blocker, and their plan where the server can make one', async () => {
    const args = [await postgres.createDatabase(), 'plan with a literal', 'plan with a parameter', 'blocked'];
    const env = { OTEL_METRICS_EXPORTER: 'otlp', SIETCH_OTEL_PG_EXPLAIN: 'on', SIETCH_OTEL_PG_BLOCKERS: 'on' };
    const exit = await runApp('test/app/pg-slow.js', { args, receiver, env }).waitForExit(40_000);
    expect(exit.code, exit.stderr).toBe(0);
    const { spans, metrics } = receiver.store;
    const planned = spans.filter(({ name }) => name === 'pg.explain').map(({ attributes }) => attributes['db.query.text']);
    expect(planned).toContain('SELECT * FROM orders WHERE note = ? AND pg_sleep(?) IS NOT NULL');
    // A generic plan, for a statement with parameters, is new in PostgreSQL 16.
    expect(planned.includes('SELECT count(*), pg_sleep(?) FROM orders WHERE id = $1')).toBe(version >= 16);
    expect(
      lastPoint(metrics, 'sietch.pg.side_queries', { 'sietch.pg.side_query.purpose': 'explain', 'sietch.pg.side_query.outcome': 'failed' }),
    ).toBeUndefined();
    expect(spans.filter(({ links }) => links.length > 0)).toHaveLength(1);
  });

  test('comments do not fill pg_stat_statements: one row for all runs of a statement, holding the first comment', async () => {
    const url = await postgres.createDatabase();
    const exit = await runApp('test/app/pg-statements.js', { args: [url], receiver }).waitForExit();
    expect(exit.code, exit.stderr).toBe(0);
    const rows: { query: string; calls: number; id: string }[] = JSON.parse(exit.stdout);
    const of = (pattern: RegExp) => rows.filter(({ query }) => pattern.test(query));
    expect(of(/^SELECT \$1 AS seen/)).toEqual([
      {
        query: expect.stringMatching(/^SELECT \$1 AS seen \/\*application='[^']*',traceparent='00-[0-9a-f-]+'\*\/$/),
        calls: 5,
        id: expect.any(String),
      },
    ]);
    expect(of(/^BEGIN/)).toEqual([expect.objectContaining({ query: 'BEGIN', calls: 5 })]);
    // Live texts and the slow log are where the comment of each run is; the log has the number of the row above beside it.
    const logged = postgres
      .log()
      .split('\n')
      .filter((line) => /statement: SELECT . AS seen \/\*.*traceparent=/.test(line));
    expect(new Set(logged.map((line) => /traceparent='([^']+)'/.exec(line)?.[1])).size).toBe(5);
    expect(new Set(logged.map((line) => /qid=(-?\d+)/.exec(line)?.[1]))).toEqual(new Set([of(/AS seen/)[0]?.id]));
    expect(postgres.log()).toMatch(/Query Text: SELECT \d AS seen \/\*.*traceparent=/);
  });
});
