// Usage: REDIS_URL=redis://… DATABASE_URL=postgres://… node --require @sietch/otel/register nest-stack.cjs
// The stack of Docmost 0.95 in its versions, wired as there, decorators written as calls: NestJS on Fastify, Kysely on postgres.js, cache-manager on
// node-redis, BullMQ, nestjs-pino, nestjs-cls. Says its port by message. Copied beside the node_modules that it needs.
//   POST /api/pages/:slug   201: the space from the cache or the database, the page in a transaction, a job that indexes it and clears the cache
//   GET /api/pages/:slug    the page, from the cache where it is
require('reflect-metadata');
const { Controller, Get, Inject, Injectable, Module, Param, Post } = require('@nestjs/common');
const { NestFactory } = require('@nestjs/core');
const { FastifyAdapter } = require('@nestjs/platform-fastify');
const { BullModule, getQueueToken, Processor, WorkerHost } = require('@nestjs/bullmq');
const { CACHE_MANAGER, CacheModule } = require('@nestjs/cache-manager');
const KeyvRedis = require('@keyv/redis').default;
const { ClsModule, ClsService } = require('nestjs-cls');
const { CamelCasePlugin, sql } = require('kysely');
const { KyselyModule, KYSELY_MODULE_CONNECTION_TOKEN } = require('nestjs-kysely');
const { PostgresJSDialect } = require('kysely-postgres-js');
const { Logger, LoggerModule, PinoLogger } = require('nestjs-pino');
const postgres = require('postgres');

const DATABASE = KYSELY_MODULE_CONNECTION_TOKEN();

async function withCache(cache, key, fn) {
  const cached = await cache.get(key);
  if (cached !== undefined && cached !== null) return cached.v;
  const value = await fn();
  await cache.set(key, { v: value }, 60_000);
  return value;
}

class PagesService {
  constructor(db, cache, queue, logger, cls) {
    Object.assign(this, { db, cache, queue, logger, cls });
  }

  async onApplicationBootstrap() {
    await sql`CREATE TABLE IF NOT EXISTS pages (id serial PRIMARY KEY, slug text NOT NULL, space_id int, text_content text)`.execute(
      this.db,
    );
    await sql`CREATE TABLE IF NOT EXISTS spaces (id int PRIMARY KEY, name text)`.execute(this.db);
    await this.db
      .insertInto('spaces')
      .values({ id: 1, name: 'general' })
      .onConflict((row) => row.doNothing())
      .execute();
  }

  async create(slug) {
    this.cls.set('slug', slug);
    const space = await withCache(this.cache, 'space:1', () =>
      this.db.selectFrom('spaces').selectAll().where('id', '=', 1).executeTakeFirst(),
    );
    const page = await this.db.transaction().execute(async (trx) => {
      await trx.deleteFrom('pages').where('slug', '=', slug).execute();
      return trx
        .insertInto('pages')
        .values({ slug: this.cls.get('slug'), spaceId: space.id, textContent: '4111111111111111' })
        .returning('id')
        .executeTakeFirst();
    });
    await this.queue.add('page-content-update', { pageId: page.id, slug });
    this.logger.info({ pageId: page.id }, 'stored');
    return { space: space.name };
  }

  read(slug) {
    return withCache(this.cache, `page:${slug}`, () =>
      this.db.selectFrom('pages').select('textContent').where('slug', '=', slug).executeTakeFirst(),
    );
  }
}
Injectable()(PagesService);
for (const [index, token] of [DATABASE, CACHE_MANAGER, getQueueToken('general'), PinoLogger, ClsService].entries())
  Inject(token)(PagesService, undefined, index);

class GeneralProcessor extends WorkerHost {
  constructor(db, cache, logger) {
    super();
    Object.assign(this, { db, cache, logger });
  }

  async process(job) {
    await this.db.updateTable('pages').set({ textContent: 'indexed' }).where('id', '=', job.data.pageId).execute();
    await this.cache.del(`page:${job.data.slug}`);
    this.logger.info({ pageId: job.data.pageId }, 'indexed');
  }
}
Processor('general')(GeneralProcessor);
for (const [index, token] of [DATABASE, CACHE_MANAGER, PinoLogger].entries()) Inject(token)(GeneralProcessor, undefined, index);

class PagesController {
  constructor(service) {
    this.service = service;
  }

  create(slug) {
    return this.service.create(slug);
  }

  read(slug) {
    return this.service.read(slug);
  }
}
Controller('pages')(PagesController);
Inject(PagesService)(PagesController, undefined, 0);
for (const [method, decorate] of [
  ['create', Post(':slug')],
  ['read', Get(':slug')],
]) {
  Param('slug')(PagesController.prototype, method, 0);
  decorate(PagesController.prototype, method, Object.getOwnPropertyDescriptor(PagesController.prototype, method));
}

const { hostname: host, port, pathname } = new URL(process.env.REDIS_URL);
class AppModule {}
Module({
  imports: [
    ClsModule.forRoot({ global: true, middleware: { mount: true } }),
    LoggerModule.forRoot({ pinoHttp: { autoLogging: false } }),
    KyselyModule.forRoot({
      dialect: new PostgresJSDialect({ postgres: postgres(process.env.DATABASE_URL, { max: 5, onnotice: () => {} }) }),
      plugins: [new CamelCasePlugin()],
    }),
    CacheModule.registerAsync({
      isGlobal: true,
      useFactory: async () => ({ ttl: 5000, stores: [new KeyvRedis({ url: process.env.REDIS_URL })] }),
    }),
    BullModule.forRoot({
      connection: { host, port: Number(port), db: Number(pathname.slice(1)) },
      defaultJobOptions: { attempts: 3, removeOnComplete: { count: 200 } },
    }),
    BullModule.registerQueue({ name: 'general' }),
  ],
  controllers: [PagesController],
  providers: [PagesService, GeneralProcessor],
})(AppModule);

async function main() {
  const adapter = new FastifyAdapter({ trustProxy: true, routerOptions: { ignoreTrailingSlash: true, ignoreDuplicateSlashes: true } });
  const app = await NestFactory.create(AppModule, adapter, { bufferLogs: true });
  app.useLogger(app.get(Logger));
  app.setGlobalPrefix('api', { exclude: ['robots.txt'] });
  app.enableCors();
  app.enableShutdownHooks();
  await app.listen(0, '127.0.0.1');
  process.send?.({ port: app.getHttpServer().address().port });
  process.once('SIGTERM', () => process.disconnect?.());
}

void main();
