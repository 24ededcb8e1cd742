// A pool of one connection: two queries at once, the first slow; a change that is subscribed to, where the server can do that.
// Usage: node --require @sietch/otel/register waits.cjs postgres://… [subscribe]
const { trace } = require('@opentelemetry/api');
const postgres = require('postgres');

const [url, subscribe] = process.argv.slice(2);
const tracer = trace.getTracer('app');

async function within(name, run) {
  await tracer.startActiveSpan(name, async (span) => {
    await run();
    span.end();
  });
}

async function main() {
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  await sql`select 1 as first`;
  await within('at once', () => Promise.all([sql`select pg_sleep(0.3)`, sql`select 2 as second`]));
  await within('reserved', async () => {
    if (sql.reserve === undefined) return;
    const own = await sql.reserve();
    await own`select 3 as third`;
    own.release();
  });
  if (subscribe !== undefined) {
    await sql`create table watched (n int primary key)`;
    await sql`create publication alltables for all tables`;
    await within('subscribe', async () => {
      const changed = new Promise((resolve) => {
        sql.subscribe(
          'insert',
          ({ n }) => {
            tracer.startSpan('changed').end();
            resolve(n);
          },
          () => sql`insert into watched values (1)`.execute(),
        );
      });
      console.log('changed', await changed);
    });
  }
  await sql.end({ timeout: 1 });
  console.log('done');
}

void main();
