// Does things that take longer than the threshold of "slow", each under a span named after it: because the server is slow, because our own event loop is
// blocked, or both. Usage: node --require @sietch/otel/register test/app/loop-blocks.js postgres://… redis://… 'query, blocked' …
const { once } = require('node:events');
const { trace } = require('@opentelemetry/api');
const Redis = require('ioredis');
const pg = require('pg');
const { onSlowQuery } = require('../../dist/index.js');

const [connectionString, redisUrl, ...kinds] = process.argv.slice(2);
const tracer = trace.getTracer('app');
const client = new pg.Client({ connectionString });
const redis = new Redis(redisUrl);
const other = new Redis(redisUrl);
const auto = new Redis(redisUrl, { enableAutoPipelining: true });

const BLOCK_MS = 1_500;
/** Sleeps longer, so that what is left without the block is slow too. */
const SLEEP_S = 3;

function block() {
  const end = performance.now() + BLOCK_MS;
  while (performance.now() < end);
}

/** Answers that wait in the socket while the loop does something else. */
function blockWhile(answer) {
  block();
  return answer;
}

/** The loop is free when the call is made, and is blocked a little later. */
async function blockLater(answer) {
  await new Promise((resolve) => setTimeout(resolve, 20));
  block();
  return answer;
}

const run = {
  'query, blocked': () => blockWhile(client.query('SELECT 1')),
  'query, blocked later': () => blockLater(client.query('SELECT pg_sleep(0.1)')),
  'query, slow': () => client.query(`SELECT pg_sleep(${SLEEP_S})`),
  'query, both': () => blockWhile(client.query(`SELECT pg_sleep(${SLEEP_S})`)),
  /** Thirty wait behind one on the connection, and are answered together. */
  'queries, many slow': async () => {
    await Promise.all([client.query('SELECT pg_sleep(1.2)'), ...Array.from({ length: 30 }, () => client.query('SELECT 1'))]);
    await client.query('SELECT pg_sleep(1.2)');
  },
  'command, blocked': () => blockWhile(redis.get('key')),
  'command, blocked before it is sent': () => blockWhile(auto.get('key')),
  'command, slow': () => redis.call('DEBUG', 'SLEEP', String(SLEEP_S)),
  'command, both': () => blockWhile(redis.call('DEBUG', 'SLEEP', String(SLEEP_S))),
  'upkeep, slow': () =>
    Promise.all([other.call('DEBUG', 'SLEEP', String(SLEEP_S)), redis.info(), redis.client('ID'), auto.subscribe('news')]),
};

async function main() {
  onSlowQuery(({ text, durationMs, loopBlockedMs }) => console.log(JSON.stringify({ text, durationMs, loopBlockedMs })));
  await Promise.all([client.connect(), ...[redis, other, auto].map((each) => once(each, 'ready'))]);
  for (const kind of kinds) {
    await tracer.startActiveSpan(kind, async (span) => {
      await run[kind]();
      span.end();
    });
  }
  await Promise.all([client.end(), ...[redis, other, auto].map((each) => each.quit())]);
}

void main();
