// Usage: node --require @sietch/otel/register library-use.cjs <library>
// Uses a library once, in any version that it ever had, inside a span `use`. Copied beside the node_modules that holds the version.
const { once } = require('node:events');
const { context, ROOT_CONTEXT, trace } = require('@opentelemetry/api');

const redisPlace = () => {
  const { hostname: host, port, pathname } = new URL(process.env.REDIS_URL);
  return { host, port: Number(port), db: Number(pathname.slice(1) || 0) };
};

const get = (url) => fetch(url, { headers: { connection: 'close' } }).then((answer) => answer.text());

/** Asks a server for an order, once. */
const askFor = async (server) => {
  if (!server.listening) await once(server.listen(0, '127.0.0.1'), 'listening');
  await get(`http://127.0.0.1:${server.address().port}/orders/1`);
  server.close();
};

const onKoa = (loadRouter) => async () => {
  const Koa = require('koa');
  const Router = loadRouter();
  const router = new Router();
  router.get('/orders/:id', (ctx) => {
    ctx.body = 'order';
  });
  await askFor(require('node:http').createServer(new Koa().use(router.routes()).callback()));
};

const uses = {
  '@koa/router': onKoa(() => require('@koa/router')),
  'koa-router': onKoa(() => require('koa-router')),
  async '@hapi/hapi'() {
    const server = require('@hapi/hapi').server({ host: '127.0.0.1', port: 0 });
    server.route({ method: 'GET', path: '/orders/{id}', handler: () => 'order' });
    await server.start();
    await get(`${server.info.uri}/orders/1`);
    await server.stop();
  },
  async hono() {
    const { Hono } = require('hono');
    const app = new Hono().get('/orders/:id', (c) => c.text('order'));
    await askFor(require('@hono/node-server').createAdaptorServer({ fetch: app.fetch }));
  },
  async '@nestjs/core'() {
    require('reflect-metadata');
    const { Controller, Get, Module } = require('@nestjs/common');
    const { NestFactory } = require('@nestjs/core');
    class Orders {
      find() {
        return 'order';
      }
    }
    Controller('orders')(Orders);
    Get(':id')(Orders.prototype, 'find', Object.getOwnPropertyDescriptor(Orders.prototype, 'find'));
    class App {}
    Module({ controllers: [Orders] })(App);
    const app = await NestFactory.create(App, { logger: false });
    await app.listen(0, '127.0.0.1');
    await askFor(app.getHttpServer());
    await app.close();
  },
  async pg() {
    const { Client } = require('pg');
    const client = new Client({ connectionString: process.env.DATABASE_URL });
    await client.connect();
    await client.query('SELECT 1');
    await client.end();
  },
  async postgres() {
    const sql = require('postgres')(process.env.DATABASE_URL);
    await sql`SELECT 1`;
    await sql.end();
  },
  async ioredis() {
    const Redis = require('ioredis');
    const redis = new Redis(redisPlace());
    await redis.set('key', 'value');
    await redis.quit();
  },
  async redis() {
    const redis = require('redis').createClient({ url: process.env.REDIS_URL });
    // Version 3 connects by itself, and is not observed.
    if (redis.duplicate !== undefined && redis.connect !== undefined) await redis.connect();
    await redis.set('key', 'value');
    await redis.quit();
  },
  async bull() {
    const Queue = require('bull');
    const queue = context.with(ROOT_CONTEXT, () => new Queue('payments', { redis: redisPlace() }));
    context.with(ROOT_CONTEXT, () => queue.process(async () => {}));
    const completed = once(queue, 'completed');
    await queue.add({});
    await completed;
    await queue.close();
  },
  async bullmq() {
    const { Queue, Worker } = require('bullmq');
    // As at the start of an app: what a queue writes when it is made is not part of a request.
    const queue = context.with(ROOT_CONTEXT, () => new Queue('payments', { connection: redisPlace() }));
    const worker = new Worker('payments', async () => {}, { connection: redisPlace() });
    const completed = once(worker, 'completed');
    await queue.add('paid', {});
    await completed;
    await worker.close();
    await queue.close();
  },
  async 'pg-boss'() {
    const exported = require('pg-boss');
    const boss = new (exported.PgBoss ?? exported)({ connectionString: process.env.DATABASE_URL });
    const outside = (work) => context.with(ROOT_CONTEXT, work);
    await outside(() => boss.start());
    await outside(() => boss.createQueue?.('payments'));
    const options = { newJobCheckInterval: 200, pollingIntervalSeconds: 0.5 };
    const worked = new Promise((resolve) => outside(() => boss.work('payments', options, async () => resolve())));
    await boss.send('payments', {});
    await worked;
    await outside(() => boss.stop({ graceful: true, wait: true }));
  },
  async opossum() {
    const CircuitBreaker = require('opossum');
    const breaker = new CircuitBreaker(async () => 'paid', { name: 'paddle' });
    await breaker.fire();
    breaker.shutdown();
  },
  async pino() {
    require('pino')().info('a line');
  },
  async winston() {
    const { createLogger, transports, info } = require('winston');
    // winston 2 has one logger, with a console.
    const logger = createLogger === undefined ? { info } : createLogger({ transports: [new transports.Console()] });
    logger.info('a line');
  },
  async bunyan() {
    require('bunyan').createLogger({ name: 'app' }).info('a line');
  },
  async express() {
    const app = require('express')();
    app.get('/orders/:id', (_request, response) => response.end('order'));
    const server = app.listen(0);
    await once(server, 'listening');
    await get(`http://localhost:${server.address().port}/orders/1`);
    server.close();
  },
  async fastify() {
    const { fastify } = require('fastify');
    const app = fastify();
    app.get('/orders/:id', async () => 'order');
    await app.listen({ port: 0, host: '127.0.0.1' });
    await get(`http://127.0.0.1:${app.server.address().port}/orders/1`);
    await app.close();
  },
  async undici() {
    const { request } = require('undici');
    const server = require('node:http').createServer((_request, response) => response.end('answer'));
    await once(server.listen(0), 'listening');
    const { body } = await request(`http://localhost:${server.address().port}/`);
    await body.text();
    server.close();
    server.closeAllConnections();
  },
};

void trace.getTracer('app').startActiveSpan('use', async (span) => {
  await uses[process.argv[2]]();
  span.end();
});
