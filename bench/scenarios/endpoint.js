// A small service: each request reads a row, reads and writes Redis, and logs a line.
const { serve } = require('./measured.js');
const express = require('express');
const { Redis } = require('ioredis');
const { Pool } = require('pg');
const { destination, pino } = require('pino');

const log = pino(destination('/dev/null'));
const pool = new Pool({ connectionString: process.env.DATABASE_URL, max: 10 });
const redis = new Redis(process.env.REDIS_URL);
const app = express();
app.disable('x-powered-by');

app.get('/accounts/:id', async (request, response) => {
  const { rows } = await pool.query('SELECT id, name FROM accounts WHERE id = $1', [request.params.id]);
  const seen = await redis.get('bench:seen');
  await redis.set('bench:seen', rows[0].id);
  log.info({ account: rows[0].id, seen }, 'account read');
  response.json(rows[0]);
});

serve(app, () => Promise.all([pool.end(), redis.quit()]));
