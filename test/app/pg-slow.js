// Slow queries: one each of the kinds named in the arguments, each under a span named after it, and a listener that prints what it is told.
// Usage: node --require @sietch/otel/register test/app/pg-slow.js postgres://… select failing cursor …
const { trace } = require('@opentelemetry/api');
const pg = require('pg');
const Cursor = require('pg-cursor');
const { onSlowQuery } = require('../../dist/index.js');

const [connectionString, ...kinds] = process.argv.slice(2);
const tracer = trace.getTracer('app');
const pool = new pg.Pool({ connectionString, max: 1 });
const client = new pg.Client({ connectionString });
const onlooker = new pg.Client({ connectionString });
const other = new pg.Client({ connectionString, application_name: 'other' });

const run = {
  select: () => client.query("SELECT pg_sleep(0.5), 'secret' AS s FROM generate_series(1, 2)"),
  update: () => client.query('UPDATE orders SET amount = amount + $1 WHERE pg_sleep(0.5) IS NOT NULL', [1]),
  failing: async () => {
    await client.query('SET statement_timeout = 500');
    await client.query("SELECT pg_sleep(5), 'secret'").catch(() => {});
    await client.query('RESET statement_timeout');
  },
  cursor: async () => {
    const cursor = client.query(new Cursor('SELECT n, pg_sleep(0.15) FROM generate_series(1, $1::int) AS n', [4]));
    while ((await cursor.read(2)).length > 0);
  },
  // Two at once on a pool of one: the second waits for the first.
  pool: () => Promise.all([pool.query('SELECT pg_sleep(0.5)'), pool.query('SELECT pg_sleep(0.5)')]),
  'plan with a literal': () => client.query("SELECT * FROM orders WHERE note = 'secret' AND pg_sleep(0.5) IS NOT NULL"),
  'plan with a parameter': () => client.query('SELECT count(*), pg_sleep(0.5) FROM orders WHERE id = $1', [1]),
  // Not explained: what comes after the semicolon would be run.
  'two statements': () => client.query("SELECT pg_sleep(0.5); UPDATE orders SET note = 'changed'"),
  blocked: async () => {
    await tracer.startActiveSpan('blocker', { root: true }, async (span) => {
      await other.query('BEGIN');
      await other.query('UPDATE orders SET amount = 2 WHERE id = 1');
      span.end();
    });
    const since = await now();
    const waiting = client.query("UPDATE orders SET amount = 3, note = 'secret' WHERE id = 1");
    await untilAsked(since);
    await other.query('COMMIT');
    await waiting;
  },
  // A lock that is held by nobody whose trace is known.
  'blocked by psql': async () => {
    const psql = new pg.Client({ connectionString });
    await withoutTrace(() => psql.connect());
    await withoutTrace(() => psql.query('BEGIN; LOCK TABLE orders IN ACCESS EXCLUSIVE MODE'));
    const since = await now();
    const waiting = client.query('SELECT count(*) FROM orders');
    await untilAsked(since);
    await withoutTrace(() => psql.query('COMMIT'));
    await waiting;
    await psql.end();
  },
};

async function now() {
  const { rows } = await withoutTrace(() => onlooker.query('SELECT clock_timestamp()::text AS now'));
  return rows[0].now;
}

/**
 * Until the side connection has asked, and that since then: on a busy machine an earlier query may have been slow too. The server calls it idle
 * before it sends the answer, and waits for the client after that.
 */
async function untilAsked(since) {
  const text =
    "SELECT FROM pg_stat_activity WHERE application_name = 'sietch-otel' AND state = 'idle' AND wait_event = 'ClientRead' " +
    "AND query LIKE '%pg_blocking_pids%' AND query_start > $1";
  const asked = await withoutTrace(() => onlooker.query(text, [since]));
  if (asked.rowCount === 0) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    await untilAsked(since);
  }
}

function withoutTrace(call) {
  const { context, ROOT_CONTEXT, createContextKey } = require('@opentelemetry/api');
  return context.with(ROOT_CONTEXT.setValue(createContextKey('OpenTelemetry SDK Context Key SUPPRESS_TRACING'), true), call);
}

async function main() {
  onSlowQuery(() => {
    throw new Error('a listener that throws');
  });
  const off = onSlowQuery(() => console.log('never'));
  off();
  onSlowQuery((query) => console.log(JSON.stringify(query)));
  await Promise.all([client.connect(), other.connect(), onlooker.connect()]);
  await client.query("CREATE TABLE orders AS SELECT n AS id, n AS amount, 'secret' AS note FROM generate_series(1, 3) AS n");
  await client.query('ALTER TABLE orders ADD PRIMARY KEY (id)');
  for (const kind of kinds) {
    await tracer.startActiveSpan(kind, async (span) => {
      await run[kind]();
      span.end();
    });
    // Plans are asked for afterwards, not more often than this.
    if (kind.startsWith('plan')) await new Promise((resolve) => setTimeout(resolve, 2_100));
  }
  await Promise.all([client.end(), other.end(), onlooker.end(), pool.end()]);
}

void main();
