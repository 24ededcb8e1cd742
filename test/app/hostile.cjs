// Hands the libraries, and us, things that throw when they are looked at: configs, errors, payloads, arguments; and listeners and loggers that
// throw. Prints what the app sees of each: the same with and without the preload.
//
// Usage: DATABASE_URL=… REDIS_URL=… node [--require ./dist/register.js] test/app/hostile.cjs
const http = require('node:http');
const { Queue, Worker } = require('bullmq');
const express = require('express');
const { Redis } = require('ioredis');
const Opossum = require('opossum');
const pg = require('pg');
const { pino } = require('pino');
const { onSlowQuery, routeEvents } = require('@sietch/otel');
const { CircuitBreaker } = require('@sietch/otel/circuit');
const { WebhookQueue } = require('@sietch/otel/queue');

const { DATABASE_URL, REDIS_URL } = process.env;
const print = (what, outcome) => console.log(`${what}: ${outcome}`);
process.on('unhandledRejection', (error) => print('unhandled rejection', described(error)));
process.on('uncaughtException', (error) => print('uncaught exception', described(error)));

const thrower = (what) => () => {
  throw new Error(`${what} was looked at`);
};
/** An object of which these properties throw. */
function hostile(object, ...names) {
  for (const name of names) Object.defineProperty(object, name, { get: thrower(name), configurable: true, enumerable: true });
  return object;
}
/** An error that nobody can ask anything. */
const hostileError = () => hostile(new Error('hostile'), 'message', 'name', 'stack', 'code', 'cause', 'constructor');
const proxyError = () => new Proxy(new Error('proxy'), { get: thrower('error'), has: thrower('error'), getPrototypeOf: thrower('error') });
const described = (error) => {
  for (const look of [() => `${error.name}: ${error.message}`, () => `cannot be asked, ${Object.prototype.toString.call(error)}`]) {
    try {
      return look();
    } catch {}
  }
  return 'cannot be looked at';
};
async function outcomeOf(call) {
  try {
    return `gives ${JSON.stringify(await call())}`;
  } catch (error) {
    return `fails with ${described(error)}`;
  }
}
const step = async (what, call) => print(what, await outcomeOf(call));

/** Our own hooks, all of which throw; and asynchronously. */
function installHooks() {
  onSlowQuery(thrower('slow query'));
  onSlowQuery(async () => thrower('slow query')());
  routeEvents({ debug: thrower('line'), info: async () => thrower('line')(), warn: thrower('line'), error: async () => thrower('line')() });
}

async function useSql() {
  const client = new pg.Client({ connectionString: DATABASE_URL });
  await client.connect();
  const pool = new pg.Pool({ connectionString: DATABASE_URL, max: 1 });
  const ask = (what, ...args) => step(`sql ${what}`, async () => (await client.query(...args)).rows);
  await ask('text that throws', hostile({ values: [] }, 'text'));
  await ask('name that throws', hostile({ text: 'SELECT 1 AS n' }, 'name'));
  await ask('values that throw', hostile({ text: 'SELECT 1 AS n' }, 'values'));
  await ask('value that throws', 'SELECT $1::text AS t', [hostile({}, 'toPostgres')]);
  await ask('value whose JSON throws', 'SELECT $1::text AS t', [{ toJSON: thrower('json') }]);
  await ask('proxy', new Proxy({}, { get: thrower('config'), has: thrower('config') }));
  await ask('submit that has a getter that throws', hostile({ handleError() {} }, 'submit'));
  await ask('nothing', undefined);
  await ask('symbol', Symbol('query'));
  await step('pool proxy', () => pool.query(new Proxy({}, { get: thrower('config'), has: thrower('config') })));
  await step('sql afterwards', async () => (await pool.query('SELECT 2 AS n')).rows);
  await pool.end();
  await client.end();
}

async function useRedis() {
  const redis = new Redis(REDIS_URL);
  await new Promise((resolve) => redis.once('ready', resolve));
  await step('redis key that throws', () => redis.get({ toString: thrower('key') }));
  await step('redis value that throws', () => redis.set('k', { toString: thrower('value') }));
  await step('redis proxy', () => redis.set('k', new Proxy({}, { get: thrower('value') })));
  await step('redis callback that throws', () => redis.get('k', thrower('callback')));
  // It is thrown from a timer.
  await new Promise((resolve) => process.once('uncaughtException', resolve));
  await step('redis afterwards', () => redis.set('k', 'v'));
  redis.disconnect();
}

async function useBullMq() {
  const connection = new Redis(REDIS_URL, { maxRetriesPerRequest: null });
  const queue = new Queue('hostile', { connection });
  await step('job data that throws', () => queue.add('data', { toJSON: thrower('json') }));
  await step('job options that throw', () => queue.add('options', {}, hostile({}, 'telemetry')));
  await step('bulk', () => queue.addBulk([{ name: 'one', data: { toJSON: thrower('json') } }]));
  await queue.close();
  const results = {
    error: thrownBy(hostileError),
    proxy: thrownBy(proxyError),
    string: thrownBy(() => 'a string'),
    nothing: thrownBy(() => undefined),
    result: () => ({ toJSON: thrower('json') }),
  };
  for (const [name, result] of Object.entries(results))
    print(`job that ends with ${name}`, await endOfJob(`hostile-${name}`, result, connection));
  connection.disconnect();
}

const thrownBy = (error) => () => {
  throw error();
};

/** What is told first of a queue's only job. */
async function endOfJob(name, result, connection) {
  const queue = new Queue(name, { connection });
  const worker = new Worker(name, async () => result(), { connection: connection.duplicate() });
  const end = new Promise((resolve) => {
    worker.on('failed', (_job, error) => resolve(`failed with ${described(error)}`));
    worker.on('error', (error) => resolve(`lost with ${described(error)}`));
  });
  await queue.add('job', {}, { attempts: 1 });
  const told = await end;
  await worker.close(true);
  await queue.close();
  return told;
}

async function useBreakers() {
  for (const [what, error] of Object.entries({ hostileError, proxyError, undefined: () => undefined })) {
    const breaker = new Opossum(
      async () => {
        throw error();
      },
      { name: `hostile ${what}`, volumeThreshold: 1, errorThresholdPercentage: 1 },
    );
    for (let i = 0; i < 2; i++) await step(`breaker ${what}`, () => breaker.fire());
    breaker.shutdown();
  }
  await step('breaker with options that throw', () => new Opossum(async () => 1, hostile({}, 'name')).fire());
  const ours = new CircuitBreaker(() => Promise.reject(hostileError()), {
    name: 'ours',
    volumeThreshold: 1,
    errorThresholdPercentage: 1,
    onEvent: async () => thrower('event')(),
  });
  for (let i = 0; i < 2; i++) await step('our breaker', () => ours.fire());
}

async function useHttp() {
  const app = express();
  app.get('/hostile', () => {
    throw hostileError();
  });
  app.use((error, _request, response, _next) => response.status(500).end(described(error)));
  const server = app.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address();
  const get = (options) =>
    new Promise((resolve, reject) => {
      http
        .get({ host: '127.0.0.1', port, path: '/hostile', agent: false, ...options }, (response) =>
          response.resume().on('end', () => resolve(response.statusCode)),
        )
        .on('error', reject);
    });
  await step('handler', () => get({}));
  await step('header that throws', () => get({ headers: { a: { toString: thrower('header') } } }));
  await step('odd headers', () => get({ headers: { 'x-trace-id': '{}', traceparent: 'é', 'content-length': 'x' } }));
  await step('request options that throw', () => http.get(hostile({ host: '127.0.0.1', port }, 'headers')));
  await step('request proxy', () => http.request(new Proxy({}, { get: thrower('options') })));
  await step('no url', () => http.request('nonsense'));
  await step('fetch', () => fetch(hostile({}, 'url')));
  server.close();
  server.closeAllConnections();
}

function usePino() {
  const lines = [];
  const logger = pino({ base: null, timestamp: false, mixin: () => ({ own: 1 }) }, { write: (line) => lines.push(line) });
  const throwing = pino({ base: null, mixin: thrower('mixin') }, { write() {} });
  return step('pino', () => {
    logger.info({ data: { toJSON: thrower('json') } }, 'json');
    logger.error(new Error('error'));
    for (const call of [() => logger.info(hostile({}, 'a'), 'getter'), () => throwing.info('mixin')]) {
      try {
        call();
      } catch (error) {
        lines.push(described(error));
      }
    }
    return lines.map((line) => line.replace(/"stack":"[^"]*"/, ''));
  });
}

async function useWebhooks() {
  const told = [];
  const webhooks = new WebhookQueue({
    name: 'hostile-webhooks',
    connection: REDIS_URL,
    retries: 0,
    processor: () => Promise.reject(hostileError()),
    onEvent: async ({ type }) => {
      told.push(type);
      thrower('event')();
    },
  });
  webhooks.startWorker();
  await step('webhook payload that throws', () => webhooks.enqueue({ id: 'e1', type: 't', payload: { toJSON: thrower('json') } }));
  await step('webhook that throws', () => webhooks.enqueue(hostile({ id: 'e2', type: 't' }, 'payload')));
  await step('webhook proxy', () => webhooks.enqueue(new Proxy({}, { get: thrower('event') })));
  await webhooks.enqueue({ id: 'e3', type: 't', payload: {} });
  for (let waited = 0; !told.includes('dead') && waited < 10_000; waited += 20) await new Promise((resolve) => setTimeout(resolve, 20));
  print('webhook told', told);
  await webhooks.close();
}

async function main() {
  installHooks();
  await useSql();
  await useRedis();
  await useBullMq();
  await useBreakers();
  await useHttp();
  await usePino();
  await useWebhooks();
  print('end', 'reached');
  process.exit(0);
}

void main();
