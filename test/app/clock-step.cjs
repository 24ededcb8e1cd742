// The wall clock is set one hour ahead while the process runs; then queries, commands and connections succeed and fail under one span.
// Usage: node --require ./dist/register.js test/app/clock-step.cjs postgres://… redis://…
const { trace } = require('@opentelemetry/api');
const Redis = require('ioredis');
const pg = require('pg');

const [connectionString, redisUrl] = process.argv.slice(2);
const { now } = Date;
Date.now = () => now() + 3_600_000;

const nowhere = { host: '127.0.0.1', port: 1, database: 'nowhere', user: 'nobody' };
const quietly = (promise) => promise.catch(() => {});

async function work() {
  const pool = new pg.Pool({ connectionString });
  await pool.query('SELECT 1');
  await quietly(pool.query('SELECT no_such_column'));
  await pool.end();
  const refused = new pg.Pool(nowhere);
  await quietly(refused.connect());
  await quietly(refused.query('SELECT 2'));
  await refused.end();
  const ended = new pg.Client({ connectionString });
  await ended.connect();
  await ended.end();
  await quietly(ended.query('SELECT 3'));
  const redis = new Redis(redisUrl, { lazyConnect: true });
  await redis.connect();
  await redis.set('clock-step', '1');
  await quietly(redis.hget('clock-step', 'field'));
  redis.disconnect();
}

trace.getTracer('app').startActiveSpan('work', async (span) => {
  await work();
  span.end();
});
