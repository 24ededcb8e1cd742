// Blocks the event loop for BLOCK_MS while a request, a query, a command and spans of the app are open, and prints what it measured.
// Usage: node --require @sietch/otel/register test/app/blocked-time.cjs postgres://… redis://…
const { once } = require('node:events');
const http = require('node:http');
const { trace } = require('@opentelemetry/api');
const Redis = require('ioredis');
const pg = require('pg');

const BLOCK_MS = 900;
const [connectionString, redisUrl] = process.argv.slice(2);
const tracer = trace.getTracer('app');
const client = new pg.Client({ connectionString });
const redis = new Redis(redisUrl);

function block() {
  const end = performance.now() + BLOCK_MS;
  while (performance.now() < end);
}

const turn = () => new Promise((resolve) => setTimeout(resolve, 5));

async function handle(request, response) {
  if (request.url === '/blocked') {
    tracer.startSpan('over before').end();
    const query = client.query('SELECT pg_sleep(0.1)');
    const given = tracer.startSpan('with given times', { startTime: Date.now() });
    await turn();
    // Redis would have answered within the turn.
    const command = redis.get('key');
    const within = tracer.startSpan('ends in the block');
    block();
    within.end();
    await Promise.all([query, command]);
    given.end(Date.now());
    await turn();
    tracer.startSpan('begins after').end();
  } else await Promise.all([client.query('SELECT 1'), redis.get('key')]);
  response.end();
}

async function main() {
  await Promise.all([client.connect(), once(redis, 'ready')]);
  const server = http.createServer((request, response) => void handle(request, response));
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  for (const path of ['/quiet', '/blocked', '/quiet']) {
    await (await fetch(`http://127.0.0.1:${port}${path}`)).text();
    await turn();
  }
  // Ends in a block that no tick of a timer has told of.
  const last = tracer.startSpan('until the end');
  block();
  last.end();
  process.exit();
}

void main();
