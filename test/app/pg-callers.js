// Statements that are slow more than once, from functions with names of their own.
// Usage: node --require @sietch/otel/register test/app/pg-callers.js postgres://…
const pg = require('pg');
const { onSlowQuery } = require('../../dist/index.js');

const connectionString = process.argv[2];
const pool = new pg.Pool({ connectionString, max: 1 });
const SLOW = "SELECT pg_sleep(0.2), 'secret'";

async function loadInvoice(queryable, text) {
  return await queryable.query(text);
}

async function handleRequest(queryable, text) {
  await null;
  return await loadInvoice(queryable, text);
}

/** The literal is another each time; to the server and to us it is the same statement. */
const slow = (n) => `${SLOW}, ${n}`;

async function main() {
  const limit = Error.stackTraceLimit;
  onSlowQuery(({ operation, callerStack }) => console.log(JSON.stringify({ operation, callerStack: callerStack ?? null })));
  const client = new pg.Client({ connectionString });
  await client.connect();
  // The first run marks the shape.
  await handleRequest(client, slow(1));
  await handleRequest(client, slow(2));
  await handleRequest(pool, slow(2));
  await handleRequest(pool, { text: slow(2) });
  // A statement that is slow once only, and those that are not slow.
  await handleRequest(client, 'SELECT pg_sleep(0.2)');
  for (let n = 0; n < 3; n++) await handleRequest(pool, 'SELECT 1');
  await client.end();
  await pool.end();
  console.log(limit === Error.stackTraceLimit ? 'limit kept' : 'limit changed');
}

void main();
