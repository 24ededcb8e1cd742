// Sends a query in each way there is, each under a span of its own named after the way.
// Usage: node --require @sietch/otel/register test/app/pg-spans.js postgres://…
const { pipeline } = require('node:stream/promises');
const { Readable } = require('node:stream');
const { trace } = require('@opentelemetry/api');
const pg = require('pg');
const Cursor = require('pg-cursor');
const QueryStream = require('pg-query-stream');
const { from: copyFrom, to: copyTo } = require('pg-copy-streams');

const connectionString = process.argv[2];
const tracer = trace.getTracer('app');
const client = new pg.Client({ connectionString });
const pool = new pg.Pool({ connectionString, max: 2 });
const called = (start) => new Promise((resolve, reject) => start((error, result) => (error ? reject(error) : resolve(result))));
const ended = (emitter) => new Promise((resolve) => emitter.once('end', resolve).once('error', resolve));

async function drain(stream) {
  for await (const _ of stream);
}

const forms = {
  string: () => client.query('SELECT 1'),
  values: () => client.query('SELECT $1::int', [1]),
  config: () => client.query({ text: 'SELECT $1::int', values: [1] }),
  callback: () => called((done) => client.query('SELECT 1', done)),
  'values, callback': () => called((done) => client.query('SELECT $1::int', [1], done)),
  'config.callback': () => called((callback) => client.query({ text: 'SELECT 1', callback })),
  named: () => client.query({ name: 'one', text: 'SELECT 1' }),
  multi: () => client.query('SELECT 1; SELECT 2; INSERT INTO t VALUES (1), (2), (3)'),
  update: () => client.query('UPDATE t SET n = n + 1'),
  returning: () => client.query('DELETE FROM t RETURNING n'),
  transaction: async () => {
    await client.query('BEGIN');
    await client.query('INSERT INTO t VALUES (1)');
    await client.query('COMMIT');
  },
  Query: () => ended(client.query(new pg.Query('SELECT n FROM generate_series(1, 3) AS n'))),
  'Query, callback': () => called((done) => client.query(new pg.Query('SELECT 1'), done)),
  cursor: async () => {
    const cursor = client.query(new Cursor('SELECT n FROM generate_series(1, 5) AS n'));
    while ((await cursor.read(2)).length > 0);
  },
  'cursor, closed': async () => {
    const cursor = client.query(new Cursor('SELECT n FROM generate_series(1, 5) AS n'));
    await cursor.read(2);
    await cursor.close();
  },
  stream: () => drain(client.query(new QueryStream('SELECT n FROM generate_series(1, 250) AS n'))),
  'copy from': () => pipeline(Readable.from(['1\n', '2\n']), client.query(copyFrom('COPY t FROM STDIN'))),
  'copy to': () => drain(client.query(copyTo('COPY t TO STDOUT'))),
  listen: async () => {
    await client.query('LISTEN spans');
    await client.query("NOTIFY spans, 'secret'");
  },
  'pool.query': () => pool.query('SELECT 1'),
  'pool.query, callback': () => called((done) => pool.query('SELECT $1::int', [1], done)),
  'pool.connect': async () => {
    const one = await pool.connect();
    await one.query('SELECT 1');
    one.release();
  },
  error: () => client.query("SELECT 'secret'::int"),
  'error, callback': () => called((done) => client.query('SELECT 1/0', done)),
  'error, pool.query': () => pool.query('SELEC 1'),
  'error, cursor': () => client.query(new Cursor('SELECT 1/0')).read(1),
  'error, Query': () => ended(client.query(new pg.Query('SELECT nothing'))),
  'error, stream': () => drain(client.query(new QueryStream('SELECT 1/(3 - n) FROM generate_series(1, 5) AS n'))),
  'error, copy': () => pipeline(Readable.from(['x\n']), client.query(copyFrom('COPY t FROM STDIN'))),
  'error, bind': () => client.query('SELECT $1', 'text'),
  'error, no query': async () => client.query(undefined),
  'error, timeout': () => client.query({ text: 'SELECT pg_sleep(0.3)', query_timeout: 30 }),
};

async function main() {
  await client.connect();
  await client.query('CREATE TEMP TABLE t (n int)');
  for (const [name, run] of Object.entries(forms)) {
    await tracer.startActiveSpan(name, async (span) => {
      await run().catch(() => {});
      span.end();
    });
  }
  await client.end();
  await pool.end();
  console.log('done', Object.keys(forms).length);
}

void main();
