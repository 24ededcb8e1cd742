// Sends statements and commands outside of any span, as a migration or a loop that polls does: some that succeed, one that fails and one that
// is slow of each; then one of each inside a span. Ends by itself.
//
// Usage: node root-operations.cjs postgres://… redis://…

const { trace } = require('@opentelemetry/api');
const Redis = require('ioredis');
const { Client } = require('pg');

const [postgresUrl, redisUrl] = process.argv.slice(2);

async function main() {
  const client = new Client(postgresUrl);
  const redis = new Redis(redisUrl);
  await client.connect();
  for (let index = 0; index < 3; index++) {
    await client.query('SELECT current_database() AS polled');
    await redis.set('text', 'v');
  }
  await client.query('SELECT 1/0').catch(() => {});
  await redis.lpush('text', 'x').catch(() => {});
  const { rows } = await client.query("SELECT pg_sleep(0.12), query FROM pg_stat_activity WHERE query LIKE '%pg_sleep(0.12)%' LIMIT 1");
  await redis.call('CLIENT', 'PAUSE', '400', 'WRITE');
  await redis.del('text');
  await trace.getTracer('test').startActiveSpan('work', async (span) => {
    await client.query('SELECT 1');
    await redis.get('text');
    span.end();
  });
  await client.end();
  await redis.quit();
  console.log(rows[0].query);
}

void main();
