// SELECTs on one client, one after another.
const { OPERATIONS, answerAfter, fail, serve } = require('./measured.js');
const { Client } = require('pg');

const client = new Client({ connectionString: process.env.DATABASE_URL });

async function run() {
  for (let i = 0; i < OPERATIONS; i++) await client.query('SELECT id, name FROM accounts WHERE id = $1', [i % 1000]);
}

client
  .connect()
  .then(() => serve(answerAfter(run), () => client.end()))
  .catch(fail);
