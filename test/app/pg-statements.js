// Runs a statement five times, in five traces and transactions, and prints what pg_stat_statements holds then.
// Usage: node --require @sietch/otel/register test/app/pg-statements.js postgres://…
const { trace } = require('@opentelemetry/api');
const pg = require('pg');

async function main() {
  const client = new pg.Client({ connectionString: process.argv[2] });
  await client.connect();
  for (let n = 0; n < 5; n++) {
    await trace.getTracer('app').startActiveSpan('run', async (span) => {
      await client.query('BEGIN');
      await client.query(`SELECT ${n} AS seen`);
      await client.query('COMMIT');
      span.end();
    });
  }
  const text = `SELECT query, calls::int, queryid::text AS id FROM pg_stat_statements AS s JOIN pg_database AS d ON d.oid = s.dbid
    WHERE d.datname = current_database() ORDER BY query`;
  console.log(JSON.stringify((await client.query(text)).rows));
  await client.end();
}

void main();
