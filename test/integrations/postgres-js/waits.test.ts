// What postgres.js makes a caller wait for, slow queries, and streams of changes that have no end.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runApp } from '../../support/app.ts';
import { INSTALLING_MS } from '../../support/npm-packages.ts';
import { lastPoint, type Receiver, type Span, startReceiver } from '../../support/otlp.ts';
import { type Postgres, startPostgres } from '../../support/postgres.ts';
import { POSTGRES_JS_VERSIONS, postgresJsProject } from '../../support/postgres-js.ts';

let postgres: Postgres;
beforeAll(async () => {
  postgres = await startPostgres({ settings: { wal_level: 'logical' } });
}, 60_000);
afterAll(() => postgres.stop());

describe.each(POSTGRES_JS_VERSIONS)('postgres %s', { timeout: INSTALLING_MS }, (version) => {
  let folder: string;
  let receiver: Receiver;
  beforeAll(async () => {
    folder = await postgresJsProject(version);
    receiver = await startReceiver();
    const options = {
      args: [await postgres.createDatabase(), 'subscribe'],
      receiver,
      cwd: folder,
      env: { OTEL_METRICS_EXPORTER: 'otlp', OTEL_LOGS_EXPORTER: 'otlp', SIETCH_OTEL_PG_SLOW_QUERY_MS: '250' },
    };
    const exit = await runApp(join(folder, 'waits.cjs'), options).waitForExit(60_000);
    expect(exit.code, exit.stderr).toBe(0);
    expect(exit.stdout).toBe('changed 1\ndone\n');
  }, INSTALLING_MS);
  afterAll(async () => {
    await receiver.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const spanOf = (text: string): Span | undefined => receiver.store.spans.find(({ attributes }) => attributes['db.query.text'] === text);

  // at once
  // ├─ SELECT  select pg_sleep(?)     has the pool's one connection
  // └─ SELECT  select ? as second     begins when the connection is free
  test('a query that waits for the connection begins when its turn comes, and says how long it waited', () => {
    const [first, second] = [spanOf('select pg_sleep(?)'), spanOf('select ? as second')];
    expect(second?.parentSpanId).toBe(first?.parentSpanId);
    expect(Number(second?.attributes['sietch.pg.pool.wait'])).toBeGreaterThanOrEqual(0.25);
    // The connection turns to it before the first query's promise is settled, which is when that ends.
    expect(Number((second?.startTimeUnixNano ?? 0n) - (first?.startTimeUnixNano ?? 0n))).toBeGreaterThanOrEqual(250_000_000);
    expect(lastPoint(receiver.store.metrics, 'db.client.connection.wait_time')?.sum).toBeGreaterThanOrEqual(0.25);
  });

  test('a slow query is a log record with its trace, an event on its span and a count', () => {
    const slow = spanOf('select pg_sleep(?)');
    expect(slow?.events.map(({ name }) => name)).toContain('sietch.pg.slow_query');
    const record = receiver.store.logs.find(({ spanId }) => spanId === slow?.spanId);
    expect(record).toMatchObject({
      traceId: slow?.traceId,
      attributes: { 'db.query.text': 'select pg_sleep(?)', 'db.response.returned_rows': 1 },
    });
    expect(lastPoint(receiver.store.metrics, 'sietch.slow_query', { 'db.operation.name': 'SELECT' })?.value).toBeGreaterThanOrEqual(1);
  });

  test('a subscription is two short spans, and what it brings is below no request', () => {
    const replication = receiver.store.spans.filter(({ attributes }) => /REPLICATION/.test(String(attributes['db.query.text'])));
    expect(replication.map(({ attributes }) => String(attributes['db.query.text']).split(' ', 1)[0])).toEqual([
      'CREATE_REPLICATION_SLOT',
      'START_REPLICATION',
    ]);
    expect(receiver.store.spans.find(({ name }) => name === 'changed')?.parentSpanId ?? '').toBe('');
  });
});
