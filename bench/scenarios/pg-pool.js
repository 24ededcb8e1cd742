// SELECTs by pool.query, one after another.
const { OPERATIONS, answerAfter, serve } = require('./measured.js');
const { Pool } = require('pg');

const pool = new Pool({ connectionString: process.env.DATABASE_URL, max: 4 });

async function run() {
  for (let i = 0; i < OPERATIONS; i++) await pool.query('SELECT id, name FROM accounts WHERE id = $1', [i % 1000]);
}

serve(answerAfter(run), () => pool.end());
