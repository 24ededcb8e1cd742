// Asks the server, in each way to send a query, for the text that it got; prints `form: text`.
// Usage: node --require @sietch/otel/register comments.cjs postgres://…
const { writeFileSync } = require('node:fs');
const { join } = require('node:path');
const { trace } = require('@opentelemetry/api');
const postgres = require('postgres');

const url = process.argv[2];
const TEXT = 'select query from pg_stat_activity where pid = pg_backend_pid()';
const sql = postgres(url, { max: 1 });
const unprepared = postgres(url, { max: 1, prepare: false });
const seen = ([{ query }]) => query;
const file = join(__dirname, 'text.sql');
writeFileSync(file, TEXT);

const forms = {
  tagged: () => sql`select query from pg_stat_activity where pid = pg_backend_pid()`.then(seen),
  'tagged, again': () => sql`select query from pg_stat_activity where pid = pg_backend_pid()`.then(seen),
  'tagged, values': () => sql`select query from pg_stat_activity where pid = pg_backend_pid() and ${true}`.then(seen),
  statements: async () => {
    const [{ count }] = await sql.unsafe("select count(*)::int from pg_prepared_statements where statement like 'select query from%'");
    return String(count);
  },
  unsafe: () => sql.unsafe(TEXT).then(seen),
  'unsafe, values': () => sql.unsafe(`${TEXT} and $1::bool`, [true]).then(seen),
  'unsafe, prepared': () => sql.unsafe(`${TEXT} and $1::bool`, [true], { prepare: true }).then(seen),
  simple: () =>
    sql`select 1`.simple === undefined ? 'none' : sql`select query from pg_stat_activity where pid = pg_backend_pid()`.simple().then(seen),
  file: () => sql.file(file).then(seen),
  cursor: async () => {
    for await (const rows of unprepared`select query from pg_stat_activity where pid = pg_backend_pid()`.cursor()) return seen(rows);
  },
  unprepared: () => unprepared`select query from pg_stat_activity where pid = pg_backend_pid()`.then(seen),
  transaction: () => sql.begin((tx) => tx.unsafe(TEXT).then(seen)),
  'several statements': () => sql.unsafe(`select 1; ${TEXT}`).then((results) => seen(results[1])),
  'no comment': () => sql.unsafe(`explain ${TEXT}`).then((rows) => String(rows.statement.string.includes('/*'))),
};

async function main() {
  const tracer = trace.getTracer('app');
  for (const [form, ask] of Object.entries(forms)) {
    await tracer.startActiveSpan(form, async (span) => {
      console.log(`${form}: ${JSON.stringify(await ask())}`);
      span.end();
    });
  }
  await Promise.all([sql.end(), unprepared.end()]);
}

void main();
