// Queries that meet faults: each under a span named after the fault; the test makes the faults that the app cannot make itself.
// Usage: node --require @sietch/otel/register test/app/pg-faults.js postgres://…
const { once } = require('node:events');
const { trace } = require('@opentelemetry/api');
const pg = require('pg');
const Cursor = require('pg-cursor');
const QueryStream = require('pg-query-stream');
const { from: copyFrom } = require('pg-copy-streams');

const connectionString = process.argv[2];
const pool = new pg.Pool({ connectionString, max: 10 });
const other = new pg.Client({ connectionString });
const words = new Set();
process.on('message', ({ word }) => {
  words.add(word);
  process.emit('word');
});
const told = async (word) => {
  while (!words.has(word)) await once(process, 'word');
};
const traced = (name, work) =>
  trace.getTracer('app').startActiveSpan(name, async (span) => {
    const outcome = await work().then(
      () => 'no error',
      (error) => error.code ?? error.message,
    );
    span.end();
    console.log(`${name}: ${outcome}`);
  });

async function withClient(work) {
  const client = await pool.connect();
  client.on('error', () => {});
  try {
    return await work(client);
  } finally {
    client.release(true);
  }
}

async function untilAsleep(client, pid) {
  const text = "SELECT FROM pg_stat_activity WHERE pid = $1 AND state = 'active' AND query LIKE 'SELECT pg_sleep(60)%'";
  while ((await client.query(text, [pid])).rowCount === 0);
}

const endedBy = (action) => () =>
  withClient(async (client) => {
    const sleeping = client.query('SELECT pg_sleep(60)');
    sleeping.catch(() => {}); // It may end before the answer to what ends it.
    await untilAsleep(other, client.processID);
    await other.query(`SELECT ${action}($1)`, [client.processID]);
    return sleeping;
  });

/** Each of these is under way when the server is killed. */
const underWay = {
  'killed, query': () => withClient((client) => client.query('SELECT pg_sleep(60)')),
  'killed, pool.query': () => pool.query('SELECT pg_sleep(60)'),
  'killed, queued': () =>
    withClient(async (client) => {
      client.query('SELECT pg_sleep(60)').catch(() => {});
      return client.query('UPDATE t SET n = 2');
    }),
  'killed, cursor': () =>
    withClient(async (client) => {
      const cursor = client.query(new Cursor('SELECT n FROM generate_series(1, 1000000) AS n'));
      await cursor.read(1);
      await told('killed');
      return cursor.read(1000000);
    }),
  // A stream whose connection is lost waits for ever for its cursor to close; the cursor tells.
  'killed, stream': () =>
    withClient((client) => {
      const stream = client.query(
        new QueryStream('SELECT n, pg_sleep(0.05) FROM generate_series(1, 100000) AS n', [], { highWaterMark: 1 }),
      );
      stream.resume();
      return new Promise((_, reject) => stream.cursor.on('error', reject));
    }),
  'killed, copy': () =>
    withClient(
      (client) =>
        new Promise((_, reject) => {
          client.query(copyFrom('COPY t FROM STDIN')).on('error', reject).write('1\n');
        }),
    ),
  'killed, transaction': () =>
    withClient(async (client) => {
      await client.query('BEGIN');
      await told('killed');
      return client.query('COMMIT');
    }),
};

async function main() {
  pool.on('error', () => {});
  other.on('error', () => {});
  await other.connect();
  await other.query('CREATE TABLE t (n int)');
  await traced('cancelled', endedBy('pg_cancel_backend'));
  await traced('terminated', endedBy('pg_terminate_backend'));
  await traced('statement timeout', () =>
    withClient(async (client) => {
      await client.query("SET statement_timeout = '20ms'");
      return client.query('SELECT pg_sleep(60)');
    }),
  );
  const all = Promise.all(Object.entries(underWay).map(([name, work]) => traced(name, work)));
  const busy =
    "SELECT count(*)::int AS n FROM pg_stat_activity WHERE state IN ('active', 'idle in transaction') AND pid <> pg_backend_pid() AND query ~ 'pg_sleep|COPY|BEGIN|generate'";
  while ((await other.query(busy)).rows[0].n < Object.keys(underWay).length);
  console.log('all under way');
  await told('killed');
  await all;
  await traced('refused', () => pool.query('SELECT 1'));
  console.log('down');
  await told('up');
  await traced('recovered', () => pool.query('SELECT 1'));
  await pool.end();
  process.disconnect();
}

void main();
