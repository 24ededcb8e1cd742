// Slow queries of postgres.js: one each of the kinds named in the arguments, each under a span named after it.
// Usage: node --require @sietch/otel/register slow.cjs postgres://… 'plan with a literal' blocked …
const { context, createContextKey, ROOT_CONTEXT, trace } = require('@opentelemetry/api');
const postgres = require('postgres');

const [url, ...kinds] = process.argv.slice(2);
const tracer = trace.getTracer('app');
// What an app may have set for its own results must not be in the way of ours.
const own = {
  transform: { column: (name) => `x_${name}` },
  types: { number: { to: 23, from: [23], parse: () => 'mine', serialize: String } },
};
const sql = postgres(url, { max: 1, onnotice: () => {}, ...own });
const other = postgres(url, { max: 1, onnotice: () => {} });
const onlooker = postgres(url, { max: 1 });

const run = {
  'plan with a literal': () => sql`select * from orders where note = 'secret' and pg_sleep(0.5) is not null`,
  'plan with a parameter': () => sql`select count(*), pg_sleep(0.5) from orders where id = ${1}`,
  // Not explained: what comes after the semicolon would be run.
  'two statements': () => sql.unsafe("select pg_sleep(0.5); update orders set note = 'changed'"),
  again: async () => {
    for (const n of [1, 2]) await loadInvoice(n);
  },
  blocked: async () => {
    await tracer.startActiveSpan('blocker', { root: true }, async (span) => {
      await other.unsafe('begin');
      await other.unsafe('update orders set amount = 2 where id = 1');
      span.end();
    });
    const since = await now();
    const waiting = sql`update orders set amount = 3, note = 'secret' where id = 1`.execute();
    await untilAsked(since);
    await other.unsafe('commit');
    await waiting;
  },
};

async function loadInvoice(n) {
  return await other`select pg_sleep(0.3), 'secret', ${n}::int`;
}

async function now() {
  const [{ now }] = await withoutTrace(() => onlooker`select clock_timestamp()::text as now`);
  return now;
}

/** Until the side connection has asked since then. The server calls it idle before it sends the answer, and waits for the client after that. */
async function untilAsked(since) {
  const asked = await withoutTrace(
    () => onlooker`
      select pid from pg_stat_activity where application_name = 'sietch-otel' and state = 'idle' and wait_event = 'ClientRead'
      and query like '%pg_blocking_pids%' and query_start > ${since}::text::timestamptz`,
  );
  if (asked.length > 0) return;
  await new Promise((resolve) => setTimeout(resolve, 20));
  await untilAsked(since);
}

function withoutTrace(call) {
  const suppressed = ROOT_CONTEXT.setValue(createContextKey('OpenTelemetry SDK Context Key SUPPRESS_TRACING'), true);
  return context.with(suppressed, async () => await call());
}

async function main() {
  await sql`create table orders as select n as id, n as amount, 'secret' as note from generate_series(1, 3) as n`;
  await sql`alter table orders add primary key (id)`;
  for (const kind of kinds) {
    await tracer.startActiveSpan(kind, async (span) => {
      await run[kind]();
      span.end();
    });
    // Plans are asked for afterwards, not more often than this.
    if (kind.startsWith('plan')) await new Promise((resolve) => setTimeout(resolve, 2_100));
  }
  await Promise.all([sql, other, onlooker].map((pool) => pool.end()));
  console.log('done');
}

void main();
