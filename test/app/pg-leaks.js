// Clients of a pool that are kept: by a request that forgets them (twice at the same place), by a listener, by one who uses his, and a last one.
// Usage: node --require @sietch/otel/register test/app/pg-leaks.js postgres://…
const { get } = require('node:http');
const express = require('express');
const pg = require('pg');

const pool = new pg.Pool({ connectionString: process.argv[2], max: 6 });

async function loadOrder(id) {
  const client = await pool.connect();
  await client.query("SELECT 'secret', $1::int", [id]);
  return client;
}

async function forgetful() {
  return await pool.connect();
}

async function main() {
  const app = express();
  const forgotten = [];
  app.get('/orders/:id', async (request, response) => {
    forgotten.push(await loadOrder(request.params.id));
    response.end();
  });
  const server = app.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.on('listening', resolve));
  for (const id of [1, 2])
    await new Promise((resolve) => get(`http://127.0.0.1:${server.address().port}/orders/${id}`, (r) => r.resume().on('end', resolve)));
  const listening = await pool.connect();
  listening.on('notification', () => {});
  await listening.query('LISTEN orders');
  const used = await pool.connect();
  const timer = setInterval(() => used.query('SELECT 1').catch(() => {}), 20);
  (await pool.connect()).release();
  const waiting = used.query('SELECT pg_sleep(0.1)');
  await waiting;
  forgotten.push(await forgetful());
  console.log('all checked out');
  process.once('message', async () => {
    clearInterval(timer);
    for (const client of [...forgotten, listening, used]) client.release();
    await pool.end();
    server.close();
    process.disconnect();
  });
}

void main();
