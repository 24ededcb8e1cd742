// Puts secrets into everything that a query can carry, and fails with them in every way.
// Usage: node --require @sietch/otel/register test/app/pg-secrets.js postgres://…
const pg = require('pg');
const Cursor = require('pg-cursor');
const QueryStream = require('pg-query-stream');
const { from: copyFrom } = require('pg-copy-streams');

const { CARD, MAIL, PASSWORD } = process.env;
const connectionString = process.argv[2].replace('postgres@', `postgres:${PASSWORD}@`);
const client = new pg.Client({ connectionString });
const pool = new pg.Pool({ connectionString, max: 2 });
let failures = 0;
const ignore = (promise) => promise.catch(() => failures++);

const works = [
  () => client.query(`SELECT '${CARD}' AS card, E'${MAIL}\\'' AS mail, $$${PASSWORD}$$ AS password, ${CARD} AS number`),
  () => client.query('SELECT $1::text, $2::text, $3::text', [CARD, MAIL, PASSWORD]),
  () => client.query({ name: 'named', text: `SELECT $1::text, '${CARD}'`, values: [MAIL] }),
  () => client.query(`/* ${CARD} */ SELECT 1 -- ${MAIL}`),
  () => client.query(`SELECT pg_sleep(0.05), '${CARD}' AS card FROM people WHERE mail = '${MAIL}' OR card = $1`, [PASSWORD]),
  () => pool.query(`SELECT '${CARD}'; SELECT '${MAIL}'`),
  () => pool.query(`INSERT INTO people VALUES ('${MAIL}', '${CARD}') RETURNING *`),
  () => client.query(`NOTIFY secrets, '${CARD}'`),
  () => client.query(`SET application.password = '${PASSWORD}'`),
  () => client.query(`ALTER ROLE CURRENT_USER PASSWORD '${PASSWORD}'`),
  () => client.query(new Cursor(`SELECT '${CARD}', $1::text`, [MAIL])).read(10),
];
const failing = [
  () => client.query(`SELECT '${CARD}-x'::int`),
  () => client.query('SELECT $1::int', [MAIL]),
  () => client.query(`SELECT "${CARD}", "${MAIL}"`),
  () => client.query(`SELEC '${CARD}'`),
  () => client.query(`SELECT '${PASSWORD}`),
  () => pool.query(`INSERT INTO people VALUES ('${MAIL}', '${CARD}')`),
  () => pool.query('INSERT INTO people VALUES ($1, $2)', [null, CARD]),
  () =>
    client.query(`DO $$ BEGIN RAISE EXCEPTION 'no % for %', '${CARD}', '${MAIL}' USING DETAIL = '${PASSWORD}', ERRCODE = 'P0001'; END $$`),
  () => client.query(`SELECT '{"card": "${CARD}"'::jsonb`),
  () => client.query(new Cursor(`SELECT '${CARD}-x'::int`)).read(1),
  () =>
    new Promise((_, reject) =>
      client
        .query(new QueryStream(`SELECT '${CARD}-x'::int`))
        .on('error', reject)
        .resume(),
    ),
  () => new Promise((_, reject) => client.query(copyFrom('COPY numbers FROM STDIN')).on('error', reject).end(`${CARD}-x\n`)),
  () => client.query(`SELECT pg_sleep(0.05), ('${CARD}-' || n)::int FROM generate_series(1, 2) AS n`),
  () => new pg.Client({ connectionString: `postgres://${MAIL.replace('@', '%40')}:${PASSWORD}@127.0.0.1:1/nowhere` }).connect(),
  () => new pg.Client({ connectionString: connectionString.replace(/[^/]*$/, 'no_such_database') }).connect(),
];

async function main() {
  await client.connect();
  await client.query('CREATE TABLE people (mail text PRIMARY KEY, card text); CREATE TABLE numbers (n int)');
  for (const work of works) await work();
  for (const work of failing) await ignore(work());
  // Plans are asked for after the query: let the last be told.
  await new Promise((resolve) => setTimeout(resolve, 500));
  console.log(`ran ${works.length}, failed ${failures} of ${failing.length}`);
  await new Promise((resolve) => process.once('message', resolve));
  await Promise.all([client.end(), pool.end()]);
  process.disconnect();
}

void main();
