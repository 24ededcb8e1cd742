// Sends a query in each way that node-postgres' native client has, each under a span of its own named after the way. Prints what the app sees of
// each on stdout, and on stderr the calls of the app that were not in the caller's context.
// Usage: node --require @sietch/otel/register test/app/pg-native-forms.js postgres://… folder-of-pg
const { inspect } = require('node:util');
const { trace } = require('@opentelemetry/api');
const { native: pg } = require(process.argv[3]);

const connectionString = process.argv[2];
const tracer = trace.getTracer('app');
let form;
let current;

function show(form, ...values) {
  for (const value of values)
    console.log(
      form,
      inspect(value, { depth: 3, breakLength: 140 }).replaceAll(/_types: TypeOverrides \{[\s\S]*?\n(\s*)\},\n(?=\1_arrayMode)/g, ''),
    );
}

function facts(error) {
  const { name, message, code, position, stack } = error;
  return { name, message, code, position, keys: Object.keys(error), frame: stack.includes('pg-native-forms') };
}

/** Whether an answer is there at once is chance, and so is what is on the stack then. */
function withoutFrame(error) {
  const { frame: _frame, ...rest } = facts(error);
  return rest;
}

/** Said of each call that the app gets from the client. */
function noteContext(what) {
  if (trace.getActiveSpan() !== current) console.error('outside of the caller:', form, what);
}

const called = (start) =>
  new Promise((resolve) => {
    start((error, result) => {
      noteContext('callback');
      resolve(error ? withoutFrame(error) : result);
    });
  });

function events(query) {
  return new Promise((resolve) => {
    const seen = [];
    for (const name of ['row', 'end', 'error']) {
      query.on(name, (value) => {
        noteContext(name);
        seen.push([name, value instanceof Error ? facts(value) : value]);
        if (name !== 'row') setImmediate(resolve, seen);
      });
    }
  });
}

const looks = (query) => [Object.keys(query).sort(), query.eventNames().map((name) => [name, query.listenerCount(name)]), query.text];

async function connected(options) {
  const client = new pg.Client({ connectionString, ...options });
  await client.connect();
  return client;
}

async function withClient(use, options) {
  const client = await connected(options);
  client.on('error', (error) => show('error event', facts(error)));
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}

const forms = (client, pool) => ({
  string: () => client.query('SELECT 1 AS one'),
  values: () => client.query('SELECT $1::int AS n, $2::text AS t', [4, 'four']),
  config: async () => {
    const config = { text: 'SELECT $1::int AS n', values: [5], rowMode: 'array' };
    return [await client.query(config), config];
  },
  callback: () => called((done) => show('callback returns', client.query('SELECT 7 AS n', done))),
  'values, callback': () => called((done) => client.query('SELECT $1::int AS n', [8], done)),
  'config.callback': () => called((callback) => client.query({ text: 'SELECT 9 AS n', callback })),
  named: () => client.query({ name: 'by-number', text: 'SELECT $1::int AS n', values: [1] }),
  'named, again': () => client.query({ name: 'by-number', text: 'SELECT $1::int AS n', values: [2] }),
  'named, other text': () => client.query({ name: 'by-number', text: 'SELECT 2' }),
  'named, no text': () => client.query({ name: 'by-number', values: [3] }),
  multi: () => client.query("SELECT 1 AS a; SELECT 'x' AS b; CREATE TEMP TABLE t (n int); INSERT INTO t VALUES (1), (2)"),
  empty: () => client.query(''),
  update: () => client.query('UPDATE t SET n = n + 1'),
  returning: () => client.query('DELETE FROM t RETURNING n'),
  show: () => client.query('SHOW search_path'),
  transaction: async () => {
    await client.query('BEGIN');
    await client.query('INSERT INTO t VALUES (1)');
    await client.query('COMMIT');
  },
  queued: () => Promise.all([1, 2].map((n) => client.query('SELECT $1::int AS n', [n]))),
  Query: async () => {
    const query = new pg.Query('SELECT n FROM generate_series(1, 3) AS n');
    const seen = events(query);
    return [client.query(query) === query, looks(query), await seen, looks(query), Object.getOwnPropertyNames(query).sort()];
  },
  'Query, listeners after': () => events(client.query(new pg.Query('SELECT n FROM generate_series(1, 2) AS n'))),
  'Query, callback': async () => {
    const query = new pg.Query({ text: 'SELECT 1 AS n' });
    return [await called((done) => client.query(query, done)), looks(query)];
  },
  'Query, error': () => events(client.query(new pg.Query('SELECT nothing'))),
  'Query, callback, error': async () => {
    const query = new pg.Query('SELECT nothing');
    return [await called((done) => client.query(query, done)), looks(query)];
  },
  listen: async () => {
    const heard = new Promise((resolve) => client.once('notification', resolve));
    await client.query('LISTEN native_forms');
    await client.query("NOTIFY native_forms, 'secret'");
    return heard;
  },
  'pool.query': () => pool.query('SELECT 1 AS n'),
  'pool.query, callback': () => called((done) => pool.query('SELECT $1::int AS n', [4], done)),
  'pool.connect': async () => {
    const one = await pool.connect();
    const result = await one.query('SELECT 6 AS n');
    one.release();
    return [one instanceof pg.Client, result];
  },
  pipeline: () =>
    withClient(
      (pipelined) =>
        Promise.all([
          pipelined.query('SELECT 1 AS a'),
          pipelined.query({ name: 'two', text: 'SELECT $1::int AS b', values: [2] }),
          pipelined.query('SELEC').catch(withoutFrame),
          called((done) => pipelined.query("SELECT 'secret'::int", done)),
          called((done) => pipelined.query('SELECT 3 AS c', done)),
        ]),
      { pipeline: true },
    ),
  // Before any other: a later one gets the fields of the last error of the server.
  'error, values': () => client.query('SELECT $1', 'text'),
  error: () => client.query("SELECT 'secret'::int"),
  'error, callback': () => called((done) => client.query('SELECT 1/0', done)),
  'error, end of the text': () => called((done) => client.query("SELECT '\u{1F600}' FROM ", done)),
  'error, named': () => client.query({ name: 'wrong', text: 'SELECT FROM WHERE' }),
  'error, pool.query': () => pool.query('SELEC 1'),
  'error, no query': () => client.query(undefined),
  'error, query timeout': () => withClient((slow) => slow.query({ text: 'SELECT pg_sleep(0.3)', query_timeout: 30 })),
  'error, statement timeout': () => withClient((slow) => slow.query("SET statement_timeout = '50ms'; SELECT pg_sleep(5)")),
  'error, cancelled': () =>
    withClient(async (slow) => {
      const query = new pg.Query('SELECT pg_sleep(5)');
      const seen = events(query);
      slow.query(query);
      await untilSleeping();
      slow.cancel(query);
      return seen;
    }),
  'error, killed': () =>
    withClient(async (slow) => {
      const failed = slow.query('SELECT pg_sleep(5)').catch(facts);
      const queued = slow.query('SELECT 1').catch(facts);
      await untilSleeping();
      await client.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE ${SLEEPING}`);
      return [await failed, await queued, await slow.query('SELECT 2').catch(facts)];
    }),
  'error, ended': async () => (await withClient((ended) => ended)).query('SELECT 1'),
  'error, refused': () => new pg.Client({ host: '127.0.0.1', port: 1 }).connect(),
});

const SLEEPING = "datname = current_database() AND pid <> pg_backend_pid() AND state = 'active' AND query LIKE '%SELECT pg_sleep(5)%'";

async function untilSleeping() {
  while ((await observer.query(`SELECT FROM pg_stat_activity WHERE ${SLEEPING}`)).rowCount === 0);
}

let observer;

async function main() {
  const client = await connected();
  observer = await connected();
  const pool = new pg.Pool({ connectionString, max: 2 });
  pool.on('error', (error) => show('pool error', facts(error)));
  for (const [name, run] of Object.entries(forms(client, pool))) {
    await tracer.startActiveSpan(name, async (span) => {
      form = name;
      current = span;
      show(name, await Promise.resolve().then(run).catch(facts));
      noteContext('promise');
      span.end();
    });
  }
  await client.end();
  await observer.end();
  await pool.end();
  console.log('all forms were run');
}

void main();
