// Every way to send a query with node-postgres; prints what the app sees of each: results, errors, event order, its own objects.
// Usage: node [--require dist/register.js] test/app/pg-all-forms.js postgres://…
const { inspect } = require('node:util');
const { pipeline } = require('node:stream/promises');
const { Readable } = require('node:stream');
const pg = require('pg');
const Cursor = require('pg-cursor');
const QueryStream = require('pg-query-stream');
const { from: copyFrom, to: copyTo } = require('pg-copy-streams');

const connectionString = process.argv[2];

function show(form, ...values) {
  for (const value of values) console.log(form, inspect(value, { depth: 2, breakLength: 140 }).replaceAll(/tableID: \d+/g, 'tableID'));
}

function facts(error) {
  return {
    name: error.name,
    constructor: error.constructor.name,
    message: error.message,
    code: error.code,
    position: error.position,
    keys: Object.keys(error),
    frame: error.stack.includes('pg-all-forms'),
  };
}

async function failure(promise) {
  try {
    return await promise;
  } catch (error) {
    return facts(error);
  }
}

const called = (start) => new Promise((resolve) => start((error, result) => resolve(error ? facts(error) : result)));

function events(emitter, names, last) {
  return new Promise((resolve) => {
    const seen = [];
    for (const name of names) {
      emitter.on(name, (value) => {
        seen.push([name, value instanceof Error ? facts(value) : value]);
        if (last.includes(name)) setImmediate(resolve, seen);
      });
    }
  });
}

async function clientForms() {
  const client = new pg.Client({ connectionString });
  show('connect', (await client.connect()) === client);
  show('string', await client.query('SELECT 1 AS one'));
  show('values', await client.query('SELECT $1::int AS n, $2::text AS t', [4, 'four']));
  const config = { text: 'SELECT $1::int AS n', values: [5], rowMode: 'array' };
  show('config', await client.query(config), config);
  const shared = { text: 'SELECT $1::int AS n' };
  show('config, values', await client.query(shared, [6]), shared);
  show('callback', await called((done) => show('callback returns', client.query('SELECT 7 AS n', done))));
  show('values, callback', await called((done) => client.query('SELECT $1::int AS n', [8], done)));
  const withCallback = { text: 'SELECT 9 AS n' };
  show('config.callback', await called((done) => client.query(Object.assign(withCallback, { callback: done }))), Object.keys(withCallback));
  show('config, callback', await called((done) => client.query({ text: 'SELECT 10 AS n' }, done)));
  show(
    'multi',
    await client.query("SELECT 1 AS a; SELECT 'x' AS b; CREATE TEMP TABLE IF NOT EXISTS multi (n int); INSERT INTO multi VALUES (1), (2)"),
  );
  show('empty', await client.query(''));
  show('comment only', await client.query('-- nothing'));
  show('line comment', await client.query("SELECT '--' AS dashes -- the end"));
  show('block comment', await client.query("/* a /* nested */ one */ SELECT '/*' AS open, $$ -- $$ AS dollar"));
  for (let round = 0; round < 2; round++)
    show('named', await client.query({ name: 'by-number', text: 'SELECT $1::int AS n', values: [round] }));
  show('named, other text', await failure(client.query({ name: 'by-number', text: 'SELECT 2' })));
  show('named, no text', await client.query({ name: 'by-number', values: [3] }));
  show('begin', (await client.query('BEGIN')).command);
  show('insert', await client.query('INSERT INTO multi VALUES (3) RETURNING n'));
  show('update', await client.query('UPDATE multi SET n = n + 1'));
  show('rollback', (await client.query('ROLLBACK')).command);
  show('queued', await Promise.all([1, 2, 3].map((n) => client.query('SELECT $1::int AS n', [n]))));
  await client.end();
}

async function untilActive(client, pid) {
  const text = "SELECT FROM pg_stat_activity WHERE pid = $1 AND state = 'active' AND query LIKE '%pg_sleep(5)%'";
  while ((await client.query(text, [pid])).rowCount === 0);
}

async function failures() {
  const client = new pg.Client({ connectionString });
  await client.connect();
  show('syntax', await failure(client.query('SELEC 1')));
  show('syntax at the end', await failure(client.query("SELECT '\u{1F600}' FROM ")));
  show('named, syntax', await failure(client.query({ name: 'wrong', text: 'SELECT FROM WHERE' })));
  show('cursor, syntax', await failure(client.query(new Cursor('SELECT nothing')).read(1)));
  show('cast', await failure(client.query("SELECT 'four'::int")));
  show('callback error', await called((done) => client.query('SELECT 1/0', done)));
  show('values not an array', await failure(client.query('SELECT $1', 'text')));
  show('no query', await failure((async () => client.query())()));
  show('callback is no function', await failure((async () => client.query({ text: 'SELECT 1', callback: 4 }))()));
  show('no text', await failure(client.query({})));
  const circular = {};
  circular.self = circular;
  show('bind error', await failure(client.query('SELECT $1::text', [circular])));
  show('query timeout', await failure(client.query({ text: 'SELECT pg_sleep(0.4)', query_timeout: 50 })));
  await client.query("SET statement_timeout = '50ms'");
  show('statement timeout', await failure(client.query('SELECT pg_sleep(5)')));
  await client.query('SET statement_timeout = 0');
  const { rows } = await client.query('SELECT pg_backend_pid() AS pid');
  const other = new pg.Client({ connectionString });
  await other.connect();
  const cancelled = failure(client.query('SELECT pg_sleep(5)'));
  await untilActive(other, rows[0].pid);
  await other.query('SELECT pg_cancel_backend($1)', [rows[0].pid]);
  show('cancelled', await cancelled);
  const ends = [];
  client.on('error', (error) => ends.push(['error event', facts(error)]));
  const gone = new Promise((resolve) => client.once('end', () => setImmediate(resolve)));
  void failure(client.query('SELECT pg_sleep(5)')).then((error) => ends.push(['killed', error]));
  void failure(client.query('SELECT 1')).then((error) => ends.push(['queued behind it', error]));
  await untilActive(other, rows[0].pid);
  await other.query('SELECT pg_terminate_backend($1)', [rows[0].pid]);
  await gone;
  // One error is given to all; whether its stack has our frame depends on whether the server's last words and the end of the socket come as one.
  show('killed', ...ends.map(([what, { frame: _frame, ...error }]) => [what, error]));
  show('not queryable', await failure(client.query('SELECT 1')));
  await client.end();
  await other.end();
  show('ended', await failure(other.query('SELECT 1')));
  show('refused', await failure(new pg.Client({ host: '127.0.0.1', port: 1 }).connect()));
}

async function queryObjects() {
  const client = new pg.Client({ connectionString });
  await client.connect();
  const query = new pg.Query('SELECT n FROM generate_series(1, 3) AS n');
  const seen = events(query, ['row', 'end', 'error'], ['end', 'error']);
  show('Query is returned', client.query(query) === query);
  show('Query', await seen, Object.keys(query).sort(), query.text);
  show('Query, callback', await called((done) => client.query(new pg.Query({ text: 'SELECT 1 AS n' }, done))));
  const wrong = new pg.Query('SELEC');
  const failed = events(wrong, ['row', 'end', 'error'], ['end', 'error']);
  client.query(wrong);
  show('Query, error', await failed);
  show('Query, named', await called((done) => client.query(new pg.Query({ name: 'q', text: 'SELECT $1::int AS n', values: [1] }, done))));
  show('named after Query', await client.query({ name: 'q', text: 'SELECT $1::int AS n', values: [2] }));

  const cursor = client.query(new Cursor('SELECT n FROM generate_series(1, $1::int) AS n', [5]));
  show('cursor', cursor instanceof Cursor, Object.keys(cursor).sort(), cursor.text, cursor.handleError);
  for (let batch = 0; batch < 4; batch++) show('cursor read', await cursor.read(2));
  show('cursor keys after', Object.getOwnPropertyNames(cursor).sort());
  const closed = client.query(new Cursor('SELECT n FROM generate_series(1, 100) AS n'));
  show('cursor, callback', await called((done) => closed.read(1, done)));
  show('cursor close', await closed.close());
  show('cursor, error', await failure(client.query(new Cursor('SELECT 1/0')).read(1)));

  const stream = client.query(new QueryStream('SELECT n FROM generate_series(1, $1::int) AS n', [250]));
  show('stream in flight', Object.keys(stream).sort(), stream.handleError, stream.cursor.text);
  let total = 0;
  for await (const row of stream) total += row.n;
  show('stream', total, Object.keys(stream).sort(), stream.handleError);
  const broken = client.query(new QueryStream('SELECT 1/(3-n) FROM generate_series(1, 5) AS n'));
  show(
    'stream, error',
    await failure(
      (async () => {
        for await (const row of broken) show('stream row', row);
      })(),
    ),
  );
  const early = client.query(new QueryStream('SELECT n FROM generate_series(1, 1000) AS n', [], { highWaterMark: 10 }));
  for await (const row of early) {
    show('stream first', row);
    break;
  }
  show('after the stream', (await client.query('SELECT 1 AS n')).rows);

  await client.query('CREATE TEMP TABLE copied (n int, t text)');
  const into = client.query(copyFrom('COPY copied FROM STDIN'));
  await pipeline(Readable.from(['1\tone\n', '2\ttwo\n']), into);
  show('copy from', into.rowCount);
  const outOf = client.query(copyTo('COPY copied TO STDOUT'));
  const chunks = [];
  for await (const chunk of outOf) chunks.push(chunk);
  show('copy to', Buffer.concat(chunks).toString(), outOf.rowCount);
  show('copy, error', await failure(pipeline(Readable.from(['x\n']), client.query(copyFrom('COPY copied FROM STDIN')))));

  const notified = new Promise((resolve) => client.once('notification', ({ channel, payload }) => resolve({ channel, payload })));
  await client.query('LISTEN all_forms');
  await client.query("NOTIFY all_forms, 'hello'");
  show('notification', await notified);
  await client.query('UNLISTEN *');
  await client.end();
}

async function poolForms() {
  const pool = new pg.Pool({ connectionString, max: 1 });
  const order = [];
  for (const name of ['connect', 'acquire', 'release']) pool.on(name, () => order.push(name));
  show('pool.query', await pool.query('SELECT 1 AS n'));
  show('pool.query, values', await pool.query('SELECT $1::int AS n', [2]));
  show('pool.query, callback', await called((done) => pool.query('SELECT 3 AS n', done)));
  show('pool.query, values, callback', await called((done) => pool.query('SELECT $1::int AS n', [4], done)));
  show('pool.query, config', await pool.query({ text: 'SELECT 5 AS n', rowMode: 'array' }));
  show('pool.query, error', await failure(pool.query('SELEC')));
  show(
    'pool.query, busy',
    (await Promise.all([1, 2, 3, 4, 5].map((n) => pool.query('SELECT $1::int AS n', [n])))).map(({ rows }) => rows[0]),
  );
  const client = await pool.connect();
  show('pool.connect', client instanceof pg.Client, typeof client.release);
  await client.query('BEGIN');
  show('pool, transaction', (await client.query('SELECT 6 AS n')).rows);
  await client.query('COMMIT');
  client.release();
  show(
    'pool.connect, callback',
    await new Promise((resolve) =>
      pool.connect((error, one, release) => {
        release();
        resolve([error, one instanceof pg.Client, release === one.release]);
      }),
    ),
  );
  show('pool counts', pool.totalCount, pool.idleCount, pool.waitingCount);
  show('pool.end', await pool.end());
  show('pool events', order.join(' '));
  show('pool ended', await failure(pool.connect()), await failure(pool.query('SELECT 1')), await failure(pool.end()));

  const full = new pg.Pool({ connectionString, max: 1, connectionTimeoutMillis: 60 });
  const held = await full.connect();
  show('pool timeout', await failure(full.connect()), await failure(full.query('SELECT 1')));
  held.release();
  await full.end();
  const nowhere = new pg.Pool({ host: '127.0.0.1', port: 1 });
  show('pool refused', await failure(nowhere.query('SELECT 1')), await failure(nowhere.connect()));
  await nowhere.end();
}

async function unhandled() {
  const client = new pg.Client({ connectionString });
  await client.connect();
  const rejected = new Promise((resolve) => process.once('unhandledRejection', (error) => resolve(facts(error))));
  void client.query('SELECT 1/0');
  show('unhandled rejection', await rejected);
  await client.end();
}

async function main() {
  await clientForms();
  await failures();
  await queryObjects();
  await poolForms();
  await unhandled();
}

void main();
