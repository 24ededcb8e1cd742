// Works webhooks off: Redis, PostgreSQL, and one kind of them fails. Says how many are done when it is asked.
const { endWith, ROUTES, say } = require('./reported.js');
const { queueTelemetry } = require('../../scenarios/peer-code.js');
const { Worker } = require('bullmq');
const { Redis } = require('ioredis');
const { Pool } = require('pg');

const url = new URL(process.env.REDIS_URL);
const connection = { host: url.hostname, port: Number(url.port), maxRetriesPerRequest: null };
const pool = new Pool({ connectionString: process.env.DATABASE_URL, max: 10 });
const redis = new Redis(process.env.REDIS_URL);
let done = 0;

async function run(job) {
  await redis.get('bench:account');
  await pool.query('SELECT id, name FROM accounts WHERE id = $1', [8]);
  if (job.data.fails) throw new RangeError('no such customer');
  await pool.query('SELECT id, name FROM accounts WHERE id = $1', [9]);
}

const count = () => {
  done += 1;
  if (done % 100 === 0) process.send?.({ done });
};
const workers = ROUTES.map((route) => {
  const worker = new Worker(`${process.env.QUEUE}-${route}`, run, { connection, concurrency: 10, ...queueTelemetry() });
  worker.on('completed', count);
  worker.on('failed', count);
  worker.on('error', () => {});
  return worker;
});
void Promise.all(workers.map((worker) => worker.waitUntilReady())).then(() => say({ working: true }));
endWith(() => {
  for (const worker of workers) void worker.close();
  void pool.end();
  void redis.quit();
});
