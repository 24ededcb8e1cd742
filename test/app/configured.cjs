// Usage: node test/app/configured.cjs [idle]
// A server for the tests of the configuration file: prints its own OTEL_* variables and its address, answers every request inside a span that it times by a
// histogram, and says it on the level debug of the API's diagnostics. With
// REDIS_URL and DATABASE_URL each request also makes a statement and a command of 20 ms. `idle` does nothing at all.
const { diag, metrics, trace } = require('@opentelemetry/api');

const own = Object.entries(process.env).filter(([name]) => /OTEL/.test(name));
console.log(`environment ${JSON.stringify(Object.fromEntries(own))}`);

/** Asks both databases, which takes 20 ms. */
const clients = process.env.REDIS_URL && {
  pool: new (require('pg').Pool)({ connectionString: process.env.DATABASE_URL }),
  redis: new (require('ioredis'))(process.env.REDIS_URL),
  async use(path) {
    await this.pool.query(`SELECT pg_sleep(0.02), '${path}'`).catch(() => {});
    await this.redis
      .eval(`local t = redis.call('TIME') repeat local n = redis.call('TIME') until (n[1] - t[1]) * 1e6 + n[2] - t[2] > 20000`, 0)
      .catch(() => {});
  },
};

if (process.argv[2] !== 'idle') {
  const histogram = metrics.getMeter('app').createHistogram('app.work', { unit: 's' });
  metrics.getMeter('app').createCounter('app.secret').add(1);
  const server = require('node:http').createServer(async (request, response) => {
    diag.debug('a request');
    if (clients) await clients.use(request.url ?? '');
    histogram.record(1, { kept: 'yes', left: 'out' });
    trace.getTracer('app').startActiveSpan('work', (span) => {
      span.setAttribute('path', request.url ?? '');
      span.end();
      response.end();
    });
  });
  server.listen(0, '127.0.0.1', () => console.log(`listening ${server.address().port}`));
}
