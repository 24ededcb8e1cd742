// Usage: REDIS_URL=redis://… DATABASE_URL=postgres://… node --require @sietch/otel/register nest-service.cjs
// A NestJS application with TypeORM, BullMQ and nestjs-pino as their guides show them, decorators written as calls. Says its port by message.
//   POST /webhooks/:provider   202: stores the event and adds a job, whose processor marks it as processed. Copied beside the node_modules it needs.
require('reflect-metadata');
const { Controller, HttpCode, Inject, Injectable, Module, Param, Post } = require('@nestjs/common');
const { NestFactory } = require('@nestjs/core');
const { BullModule, getQueueToken, Processor, WorkerHost } = require('@nestjs/bullmq');
const { getRepositoryToken, TypeOrmModule } = require('@nestjs/typeorm');
const { LoggerModule, PinoLogger } = require('nestjs-pino');
const { EntitySchema } = require('typeorm');

class Event {}
const EventSchema = new EntitySchema({
  name: 'Event',
  target: Event,
  columns: {
    id: { type: Number, primary: true, generated: true },
    provider: { type: String },
    processed: { type: Boolean, default: false },
  },
});

class WebhooksService {
  constructor(events, queue, logger) {
    Object.assign(this, { events, queue, logger });
  }

  async receive(provider) {
    const { id } = await this.events.save({ provider });
    await this.queue.add('received', { id });
    this.logger.info({ id }, 'stored');
  }
}
Injectable()(WebhooksService);
Inject(getRepositoryToken(Event))(WebhooksService, undefined, 0);
Inject(getQueueToken('webhooks'))(WebhooksService, undefined, 1);
Inject(PinoLogger)(WebhooksService, undefined, 2);

class WebhooksProcessor extends WorkerHost {
  constructor(events, logger) {
    super();
    Object.assign(this, { events, logger });
  }

  async process(job) {
    await this.events.update(job.data.id, { processed: true });
    this.logger.info({ id: job.data.id }, 'processed');
  }
}
Processor('webhooks')(WebhooksProcessor);
Inject(getRepositoryToken(Event))(WebhooksProcessor, undefined, 0);
Inject(PinoLogger)(WebhooksProcessor, undefined, 1);

class WebhooksController {
  constructor(service) {
    this.service = service;
  }

  async receive(provider) {
    await this.service.receive(provider);
    return { accepted: true };
  }
}
Controller('webhooks')(WebhooksController);
Inject(WebhooksService)(WebhooksController, undefined, 0);
Param('provider')(WebhooksController.prototype, 'receive', 0);
const receive = Object.getOwnPropertyDescriptor(WebhooksController.prototype, 'receive');
HttpCode(202)(WebhooksController.prototype, 'receive', receive);
Post(':provider')(WebhooksController.prototype, 'receive', receive);

const { hostname: host, port, pathname } = new URL(process.env.REDIS_URL);
class AppModule {}
Module({
  imports: [
    LoggerModule.forRoot({ pinoHttp: { autoLogging: false } }),
    BullModule.forRoot({ connection: { host, port: Number(port), db: Number(pathname.slice(1)) } }),
    BullModule.registerQueue({ name: 'webhooks' }),
    TypeOrmModule.forRoot({ type: 'postgres', url: process.env.DATABASE_URL, entities: [EventSchema], synchronize: true }),
    TypeOrmModule.forFeature([EventSchema]),
  ],
  controllers: [WebhooksController],
  providers: [WebhooksService, WebhooksProcessor],
})(AppModule);

async function main() {
  const app = await NestFactory.create(AppModule, { logger: ['error'] });
  app.enableShutdownHooks();
  await app.listen(0, '127.0.0.1');
  process.send?.({ port: app.getHttpServer().address().port });
  process.once('SIGTERM', () => process.disconnect?.());
}

void main();
