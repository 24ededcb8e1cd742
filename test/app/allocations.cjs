// What operations allocate in V8's young generation: prints one JSON line, operation to bytes. By the flags of test/guard/allocations.test.ts no code is
// optimised, since when that happens is chance, and nothing is collected between two readings; by its settings nothing is sent.
// Usage: node … test/app/allocations.cjs postgres://… redis://…
const { createServer } = require('node:http');
const { connect } = require('node:net');
const { getHeapSpaceStatistics } = require('node:v8');
const { metrics, SpanKind, trace } = require('@opentelemetry/api');
const { Redis } = require('ioredis');
const CircuitBreaker = require('opossum');
const pg = require('pg');

const ROUNDS = 5;
const TIMES = 200;
const [connectionString, redisUrl] = process.argv.slice(2);

function allocated() {
  const sizes = getHeapSpaceStatistics().filter(({ space_name: name }) => name.startsWith('new_'));
  return sizes.reduce((sum, { space_used_size: size }) => sum + size, 0);
}

/** Of the round with the fewest: in the first code is compiled, and now and then a table grows. */
async function bytesOf(operation, times = TIMES) {
  const rounds = [];
  for (let round = 0; round < ROUNDS; round++) {
    globalThis.gc();
    const before = allocated();
    for (let n = 0; n < times; n++) await operation();
    rounds.push((allocated() - before) / times);
  }
  return Math.round(Math.min(...rounds));
}

/** The same of what is done at once, without the promise of each turn. */
async function bytesOfEach(operation) {
  const all = await bytesOf(() => {
    for (let n = 0; n < TIMES; n++) operation();
  }, 1);
  return Math.round(all / TIMES);
}

async function startEndpoint() {
  const server = createServer((_request, response) => response.end('ok')).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const socket = connect(server.address().port, '127.0.0.1');
  const request = 'GET /accounts/7 HTTP/1.1\r\nhost: localhost\r\n\r\n';
  return {
    ask: () =>
      new Promise((resolve) => {
        socket.once('data', resolve);
        socket.write(request);
      }),
    close: () => {
      socket.destroy();
      server.close();
    },
  };
}

async function main() {
  const bytes = {};
  const tracer = trace.getTracer('app');
  const options = { kind: SpanKind.CLIENT, attributes: { 'db.system.name': 'postgresql', 'db.namespace': 'shop', 'server.port': 5432 } };
  bytes.span = await bytesOfEach(() => tracer.startSpan('operation', options).end());
  const histogram = metrics.getMeter('app').createHistogram('app.duration', { unit: 's' });
  const attributes = { 'db.system.name': 'postgresql', 'db.operation.name': 'SELECT' };
  bytes.record = await bytesOfEach(() => histogram.record(0.004, attributes));

  await tracer.startActiveSpan('work', async (span) => {
    const client = new pg.Client({ connectionString });
    await client.connect();
    bytes.query = await bytesOf(() => client.query('SELECT $1::int AS n', [1]));
    await client.end();
    // V8 fixes the size of a command by what the first few have got when they end: they are to be the app's, not those that ioredis begins with.
    const redis = new Redis(redisUrl, { enableReadyCheck: false, disableClientInfo: true });
    await redis.ping();
    bytes.command = await bytesOf(() => redis.get('key'));
    redis.disconnect();
    // Its window does not move on meanwhile: how its lists grow would depend on when it does.
    const window = { rollingCountTimeout: 3_600_000, rollingCountBuckets: 1 };
    const breaker = new CircuitBreaker(async () => 1, { name: 'shop', timeout: false, ...window });
    bytes.fire = await bytesOf(() => breaker.fire());
    breaker.shutdown();
    span.end();
  });

  const endpoint = await startEndpoint();
  bytes.request = await bytesOf(endpoint.ask);
  endpoint.close();
  console.log(JSON.stringify(bytes));
}

void main();
