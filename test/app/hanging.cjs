// A service that hangs in the ways that services hang: each of its routes in another one, a worker on a job, and calls outside of both. It ends by a signal.
// Usage: node … test/app/hanging.cjs postgres://… redis://…
const { createServer, get } = require('node:http');
const net = require('node:net');
const { Queue, Worker } = require('bullmq');
const express = require('express');
const { Redis } = require('ioredis');
const pg = require('pg');

const [connectionString, redisUrl] = process.argv.slice(2);
const never = () => new Promise(() => {});

async function listening(server) {
  server.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  return server.address().port;
}

/** Takes connections and says nothing. */
const silent = net.createServer(() => {});
const pool = new pg.Pool({ connectionString, max: 4 });
const smallPool = new pg.Pool({ connectionString, max: 1 });
const locker = new pg.Client({ connectionString });

function routes(silentPort) {
  const app = express();
  app.get('/ok', (_request, response) => response.send('ok'));
  // Nobody can settle the promise, so the handler that awaits it is garbage.
  app.get('/promise/:id', () => never());
  app.get('/lock/:id', (request) => pool.query("UPDATE orders SET note = 'kanarie-literal' WHERE id = $1", [request.params.id]));
  app.get('/several', () => Promise.all([pool.query('SELECT pg_sleep(60)'), pool.query('SELECT pg_sleep(61)')]));
  app.get('/call', () => {
    get({ port: silentPort, path: '/kanarie-path', headers: { authorization: 'kanarie-header' } }).on('error', () => {});
  });
  app.get('/fetch', () => fetch(`http://127.0.0.1:${silentPort}/kanarie-path?token=kanarie-query`));
  // Gives its client back to nobody.
  app.get('/leak', async (_request, response) => {
    const client = await smallPool.connect();
    await client.query('BEGIN');
    await client.query("SELECT 'kanarie-literal'");
    response.send('leaked');
  });
  app.get('/wait', () => smallPool.query('SELECT 1'));
  app.get('/download', (_request, response) => response.write('a part'));
  app.get('/events', (_request, response) => response.type('text/event-stream').write('data: a part\n\n'));
  app.get('/sleep', async (request, response) => {
    await pool.query('SELECT pg_sleep($1)', [request.query.seconds]);
    response.send('slept');
  });
  return app;
}

async function startWorker() {
  const { hostname: host, port } = new URL(redisUrl);
  const connection = { host, port: Number(port), db: Number(new URL(redisUrl).pathname.slice(1)) };
  const worker = new Worker(
    'stuck',
    async (job) => {
      await job.updateProgress(40);
      await never();
    },
    { connection },
  );
  await worker.waitUntilReady();
  const queue = new Queue('stuck', { connection });
  await queue.add('pay', { card: 'kanarie-payload' }, { attempts: 3 });
  await queue.close();
}

/** Long-lived by nature: none of it is stuck. */
async function listen() {
  const blocked = new Redis(redisUrl);
  blocked.blpop('nothing', 0).catch(() => {});
  const subscriber = new Redis(redisUrl);
  await subscriber.subscribe('news');
  const listener = new pg.Client({ connectionString });
  await listener.connect();
  await listener.query('LISTEN news');
}

async function main() {
  const silentPort = await listening(silent);
  await locker.connect();
  await locker.query('CREATE TABLE orders (id int, note text)');
  await locker.query('INSERT INTO orders VALUES (7)');
  await locker.query('BEGIN');
  await locker.query('UPDATE orders SET note = $1', ['kanarie-parameter']);
  await listen();
  await startWorker();
  void pool.query("SELECT pg_sleep(60), 'kanarie-literal'").catch(() => {});
  process.on('message', ({ collect, block, endPool }) => {
    if (endPool) {
      void smallPool.end();
      process.send({ ending: true });
    }
    if (collect) globalThis.gc();
    if (block) for (const until = Date.now() + block; Date.now() < until; );
  });
  process.send({ port: await listening(createServer(routes(silentPort))) });
}

void main();
