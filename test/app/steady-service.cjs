// Usage: DATABASE_URL=… REDIS_URL=… node --require @sietch/otel/register test/app/steady-service.cjs
// A small service: each request reads a row, reads and writes Redis, and logs a line; four spans and a log record. Says its port by message; ends by SIGTERM.
const express = require('express');
const { Redis } = require('ioredis');
const { Pool } = require('pg');
const { destination, pino } = require('pino');

const log = pino(destination('/dev/null'));
const pool = new Pool({ connectionString: process.env.DATABASE_URL, max: 4 });
const redis = new Redis(process.env.REDIS_URL);
const app = express();

app.get('/orders/:id', async (request, response) => {
  const { rows } = await pool.query('SELECT $1::text AS id', [request.params.id]);
  const seen = await redis.get('steady:seen');
  await redis.set('steady:seen', rows[0].id);
  log.info({ order: rows[0].id, seen }, 'order read');
  response.json(rows[0]);
});

const server = app.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }));
// Longer than a client's connection idles: else a request may meet a connection that is being closed.
server.keepAliveTimeout = 600_000;
process.once('SIGTERM', () => {
  server.close(() => void Promise.all([pool.end(), redis.quit()]));
  server.closeAllConnections();
});
