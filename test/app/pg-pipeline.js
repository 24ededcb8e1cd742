// Queries on one client in pipeline mode: sent before the answers to those before them have come. Prints what the app sees.
// Usage: node --require @sietch/otel/register test/app/pg-pipeline.js postgres://…
const { trace } = require('@opentelemetry/api');
const { Client, Query } = require('pg');

const tracer = trace.getTracer('app');
const show = (label, value) => console.log(label, JSON.stringify(value));
const outcome = (promise) =>
  promise.then(
    ({ rows, rowCount }) => ({ rows, rowCount }),
    ({ code, message, position }) => ({ code, message, position }),
  );

async function main() {
  const client = new Client({ connectionString: process.argv[2], pipeline: true });
  await client.connect();
  await client.query('CREATE TABLE notes (id int PRIMARY KEY, note text)');
  await tracer.startActiveSpan('caller', async (span) => {
    const events = [];
    const query = new Query('SELECT generate_series(1, 3) AS n');
    const seen = new Promise((resolve) => {
      query.on('row', ({ n }) => events.push(n)).on('end', () => resolve(events));
    });
    client.query(query);
    const results = [
      client.query('SELECT 1 AS a'),
      client.query({ text: 'SELECT $1::int AS b', values: [2] }),
      client.query({ name: 'insert', text: 'INSERT INTO notes VALUES ($1, $2)', values: [1, 'one'] }),
      client.query({ name: 'insert', text: 'INSERT INTO notes VALUES ($1, $2)', values: [1, 'again'] }),
      client.query('SELEC'),
      new Promise((resolve, reject) => {
        client.query('SELECT count(*)::int AS c FROM notes', (error, result) => (error ? reject(error) : resolve(result)));
      }),
    ].map(outcome);
    for (const result of results) show('result', await result);
    show('rows', await seen);
    span.end();
  });
  await client.end();
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
