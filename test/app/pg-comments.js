// Asks the server, in each way to send a query, for the text that it got; prints `form: text`.
// Usage: node --require @sietch/otel/register test/app/pg-comments.js postgres://…
const { context, trace } = require('@opentelemetry/api');
const { suppressTracing } = require('@opentelemetry/core');
const pg = require('pg');
const Cursor = require('pg-cursor');
const QueryStream = require('pg-query-stream');
const { to: copyTo } = require('pg-copy-streams');

const connectionString = process.argv[2];
const TEXT = 'SELECT query FROM pg_stat_activity WHERE pid = pg_backend_pid()';
const client = new pg.Client({ connectionString });
const onlooker = new pg.Client({ connectionString });
const pool = new pg.Pool({ connectionString });
const called = (start) => new Promise((resolve, reject) => start((error, result) => (error ? reject(error) : resolve(result))));
const seen = ({ rows }) => rows[0].query;
const suppressed = (call) => context.with(suppressTracing(context.active()), call);

/** What the server has as the client's last statement, for statements that cannot tell themselves. */
async function lastOf(call) {
  await call();
  const text = 'SELECT query FROM pg_stat_activity WHERE pid = $1';
  return seen(await suppressed(() => onlooker.query(text, [client.processID])));
}

const forms = {
  string: () => client.query(TEXT).then(seen),
  values: () => client.query(`${TEXT} AND $1`, [true]).then(seen),
  config: () => client.query({ text: TEXT }).then(seen),
  callback: () => called((done) => client.query(TEXT, done)).then(seen),
  'pool.query': () => pool.query(TEXT).then(seen),
  Query: () => called((done) => client.query(new pg.Query(TEXT, done))).then(seen),
  cursor: () =>
    client
      .query(new Cursor(TEXT))
      .read(10)
      .then((rows) => seen({ rows })),
  stream: async () => {
    for await (const row of client.query(new QueryStream(TEXT))) return row.query;
  },
  'with a comment': () => client.query(`/* mine */ ${TEXT} -- and mine`).then(seen),
  'with dashes in a literal': () => client.query(`${TEXT} AND '--/*' <> '*/'`).then(seen),
  'two statements': () => client.query(`${TEXT}; SELECT 2;`).then(([result]) => seen(result)),
  named: () => client.query({ name: 'named', text: TEXT }).then(seen),
  'named again': () => client.query({ name: 'named', text: TEXT }).then(seen),
  'named, suppressed': () => suppressed(() => client.query({ name: 'named', text: TEXT })).then(seen),
  'named first while suppressed': () => suppressed(() => client.query({ name: 'other', text: TEXT })).then(seen),
  'named then': () => client.query({ name: 'other', text: TEXT }).then(seen),
  suppressed: () => suppressed(() => client.query(TEXT)).then(seen),
  begin: () => lastOf(() => client.query('BEGIN')),
  rollback: () => lastOf(() => client.query('ROLLBACK')),
  copy: () =>
    lastOf(async () => {
      for await (const _ of client.query(copyTo('COPY (SELECT 1) TO STDOUT')));
    }),
};

async function main() {
  await Promise.all([client.connect(), onlooker.connect()]);
  for (const [name, run] of Object.entries(forms)) {
    await trace.getTracer('app').startActiveSpan(name, async (span) => {
      console.log(`${name}: ${JSON.stringify(await run())}`);
      span.end();
    });
  }
  await Promise.all([client.end(), onlooker.end(), pool.end()]);
}

void main();
