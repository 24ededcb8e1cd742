// A NestJS app, decorators written as calls: a guard, an interceptor, errors, and a controller made for each request. Asks itself.
require('reflect-metadata');
const ask = require('./ask.cjs');

module.exports = async function run(common, { NestFactory }, adapter) {
  const { Controller, ForbiddenException, Get, Injectable, Module, Param, Post, Scope, UseGuards, UseInterceptors } = common;
  const decorate = (target, method, ...decorators) => {
    const descriptor = Object.getOwnPropertyDescriptor(target.prototype, method);
    for (const each of decorators) each(target.prototype, method, descriptor);
  };

  class SecretGuard {
    canActivate(context) {
      return context.getHandler() === OrdersController.prototype.secret && context.getClass() !== OrdersController;
    }
  }
  Injectable()(SecretGuard);

  class Order {
    intercept(context, next) {
      const reply = context.switchToHttp().getResponse();
      const order = `${context.getClass().name} ${context.getHandler().name}`;
      if (typeof reply.header === 'function') reply.header('x-order', order);
      return next.handle();
    }
  }
  Injectable()(Order);

  class OrdersController {
    home() {
      return 'home';
    }

    create() {
      return { created: true };
    }

    secret() {
      return 'never';
    }

    refuse() {
      throw new ForbiddenException('no');
    }

    async boom() {
      throw new Error('4111111111111111');
    }

    // The last one: routes are in the order of the methods.
    find(id) {
      return { id };
    }
  }
  Controller('orders')(OrdersController);
  UseInterceptors(Order)(OrdersController);
  decorate(OrdersController, 'home', Get());
  decorate(OrdersController, 'secret', Get('secret'), UseGuards(SecretGuard));
  decorate(OrdersController, 'refuse', Get('refused'));
  decorate(OrdersController, 'boom', Get('boom'));
  decorate(OrdersController, 'find', Get(':id'));
  decorate(OrdersController, 'create', Post());
  Param('id')(OrdersController.prototype, 'find', 0);

  let made = 0;
  class ScopedController {
    constructor() {
      made += 1;
    }

    count() {
      return String(made);
    }
  }
  Controller({ path: 'scoped', scope: Scope.REQUEST })(ScopedController);
  decorate(ScopedController, 'count', Get(':any'));

  class AppModule {}
  Module({ controllers: [OrdersController, ScopedController] })(AppModule);

  const app = await NestFactory.create(AppModule, ...(adapter === undefined ? [] : [adapter]), { logger: false });
  app.setGlobalPrefix('api');
  await app.listen(0, '127.0.0.1');
  await ask(app.getHttpServer(), [
    'GET /api/orders',
    'GET /api/orders/7',
    'POST /api/orders',
    'GET /api/orders/secret',
    'GET /api/orders/refused',
    'GET /api/orders/boom',
    'GET /api/scoped/1',
    'GET /api/scoped/2',
    'GET /nowhere',
  ]);
  await app.close();
};
