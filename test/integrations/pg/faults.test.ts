// Faults of the server: each query under way ends its span once, with the reason, and the app sees what it would see without us.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type App, runApp } from '../../support/app.ts';
import { isQuery, type Receiver, type Span, spanNamed, startReceiver } from '../../support/otlp.ts';
import { type Postgres, startPostgres } from '../../support/postgres.ts';

let postgres: Postgres;
let receiver: Receiver;
let outputs: { bare: string; observed: string };

beforeAll(async () => {
  postgres = await startPostgres({ own: true });
  receiver = await startReceiver();
  const bare = await meetFaults(runApp('test/app/pg-faults.js', { args: [await postgres.createDatabase()], preload: 'none' }));
  const env = {
    SIETCH_OTEL_DB_ROOT_SPANS: 'all',
    OTEL_METRICS_EXPORTER: 'otlp',
    SIETCH_OTEL_PG_SLOW_QUERY_MS: '10',
    SIETCH_OTEL_PG_BLOCKERS: 'on',
    SIETCH_OTEL_PG_EXPLAIN: 'on',
  };
  const observed = await meetFaults(runApp('test/app/pg-faults.js', { args: [await postgres.createDatabase()], receiver, env }));
  outputs = { bare, observed };
}, 120_000);
afterAll(async () => {
  await receiver?.close();
  await postgres?.stop();
});

async function meetFaults(app: App): Promise<string> {
  try {
    await app.waitForLine(/^all under way$/);
    await postgres.kill();
    app.send({ word: 'killed' });
    await app.waitForLine(/^down$/);
    await postgres.restart();
    app.send({ word: 'up' });
    const exit = await app.waitForExit();
    expect(exit.code, exit.stderr).toBe(0);
    return exit.stdout;
  } finally {
    await app.stop();
  }
}

function queriesOf(fault: string): Span[] {
  const { spanId } = spanNamed(receiver.store.spans, fault);
  return receiver.store.spans.filter((span) => span.parentSpanId === spanId && isQuery(span));
}

const summary = ({ name, attributes, status }: Span): string =>
  [name.split(' ')[0], status.code, attributes['error.type'] ?? '', attributes['db.response.status_code'] ?? ''].join(' ').trim();

test('the app sees the same errors', () => {
  const lost =
    /^(killed, .*): (57P0[12]|ECONNRESET|EPIPE|Connection terminated unexpectedly|Client has encountered a connection error.*)$/gm;
  const lines = (output: string) => output.trim().replaceAll(lost, '$1: lost').split('\n').sort();
  expect(lines(outputs.observed)).toEqual(lines(outputs.bare));
  expect(outputs.observed).toContain('recovered: no error\n');
});

test.each([
  ['cancelled', ['SELECT ERROR 57014 57014']],
  ['terminated', ['SELECT ERROR 57P01 57P01']],
  ['statement timeout', ['SET UNSET', 'SELECT ERROR 57014 57014']],
  ['refused', ['SELECT ERROR ECONNREFUSED']],
  ['recovered', ['SELECT UNSET']],
])('%s', (fault, expected) => {
  // Queries of the app about itself are left out.
  expect(
    queriesOf(fault)
      .map(summary)
      .filter((line) => !/^SELECT UNSET$/.test(line) || fault === 'recovered'),
  ).toEqual(expected);
});

test.each([
  ['killed, query', ['SELECT']],
  ['killed, pool.query', ['SELECT']],
  ['killed, queued', ['SELECT', 'UPDATE']],
  ['killed, cursor', ['SELECT']],
  ['killed, stream', ['SELECT']],
  ['killed, copy', ['COPY']],
  ['killed, transaction', ['BEGIN', 'COMMIT']],
])('%s: each query has ended, with an error unless it was answered', (fault, operations) => {
  const queries = queriesOf(fault);
  expect(queries.map(({ attributes }) => attributes['db.operation.name'])).toEqual(operations);
  for (const { attributes, status } of queries) {
    if (attributes['db.operation.name'] === 'BEGIN') expect(status.code).toBe('UNSET');
    // By how far the server's process had come with its end: it said so, it closed the connection, or that was reset.
    else expect([status.code, attributes['error.type']]).toEqual(['ERROR', expect.stringMatching(/^(Error|ECONNRESET|EPIPE|57P0[12])$/)]);
  }
});

test('each query was recorded once', () => {
  // At the end of the process exports go side by side, and one that was under way goes again: the last one to arrive need not be the last one made, and
  // a span may arrive twice.
  const states = receiver.store.metrics.filter(({ name }) => name === 'db.client.operation.duration');
  const records = states.map(({ points }) => points.reduce((total, { count }) => total + (count ?? 0), 0));
  const spans = new Set(receiver.store.spans.filter(isQuery).map(({ spanId }) => spanId));
  expect(Math.max(...records)).toBe(spans.size);
});
