// Usage: DATABASE_URL=… REDIS_URL=… node --require @sietch/otel/register test/app/recorder.cjs
// A service of which each route gives the flight recorder another reason, or none. Says its port by a line; ends by SIGTERM.
const http = require('node:http');
const pg = require('pg');
const { Redis } = require('ioredis');
const { pino } = require('pino');
const { trace, SpanStatusCode } = require('@opentelemetry/api');
const { TraceContext } = require('../../dist/index.js');
const { CircuitBreaker } = require('../../dist/breaker/library.js');

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL });
const redis = new Redis(process.env.REDIS_URL);
const logger = pino(process.env.QUIET ? { level: 'fatal' } : {});
const breaker = new CircuitBreaker(async () => 'called', { name: 'paddle' });
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const BUSY = `local function now() local t = redis.call('TIME') return t[1] * 1000 + t[2] / 1000 end
local since = now() while now() - since < 150 do end return 1`;

const routes = {
  '/ok': async () => {},
  '/fail': () => pool.query('SELECT 1 / ($1::int - 411112233)', [411112233]),
  '/status': async () => trace.getActiveSpan().setStatus({ code: SpanStatusCode.ERROR }),
  '/slow': () => sleep(400),
  '/slow-query': () => pool.query('SELECT pg_sleep(0.15)'),
  '/slow-command': () => redis.eval(BUSY, 0),
  '/log': async () => logger.error('an error'),
  '/warning': async () => logger.warn('no error'),
  '/keep': async () => TraceContext.current().keep('a large order'),
  '/breaker': () => breaker.fire(),
  '/open-breaker': async () => {
    breaker.open();
    await breaker.fire();
  },
  '/late': async () => {
    void sleep(50).then(async () => {
      await redis.get('late');
      TraceContext.current().keep();
    });
  },
  '/crash': async () => {
    setTimeout(() => {
      throw new TypeError('secret-411112233');
    });
    await sleep(10_000);
  },
};

const server = http.createServer(async (request, response) => {
  await pool.query('SELECT $1::int', [1]);
  await redis.get('before');
  try {
    await routes[request.url]();
    response.end(JSON.stringify(TraceContext.current()));
  } catch (error) {
    response.writeHead(500).end(error.code);
  }
});
server.listen(0, '127.0.0.1', () => console.log(`listening on ${server.address().port}`));
process.once('SIGTERM', async () => {
  server.close();
  server.closeIdleConnections();
  await pool.end();
  redis.disconnect();
  breaker.shutdown?.();
});
