// A Koa app with a router, nested routers, prefixes, middleware of routers, and an app that is mounted. Asks itself.
const ask = require('./ask.cjs');

module.exports = function run(Koa, Router, mount) {
  const app = new Koa();
  app.silent = true;
  app.use(async (ctx, next) => {
    ctx.order = ['app'];
    await next();
    ctx.set('x-order', ctx.order.join());
  });
  const step = (name) => (ctx, next) => {
    ctx.order.push(name);
    return next();
  };

  const router = new Router();
  router.get('/', (ctx) => {
    ctx.body = 'home';
  });
  router.get('/orders/me', (ctx) => {
    ctx.body = 'mine';
  });
  router.get('order', '/orders/:id', step('order'), (ctx) => {
    ctx.body = `${ctx.params.id} ${ctx.routerName}`;
  });
  router.all('/late/:any', step('late'));
  router.get('/late/:id', (ctx) => {
    ctx.body = 'late';
  });
  router.use('/refused', (ctx) => {
    ctx.status = 401;
  });
  router.get('/refused/:id', (ctx) => {
    ctx.body = 'never';
  });
  router.get('/boom', () => {
    throw new Error('4111111111111111');
  });
  router.get(/^\/numbers\/(\d+)$/, (ctx) => {
    ctx.body = 'number';
  });
  const users = new Router({ prefix: '/users' });
  users.get('/', (ctx) => {
    ctx.body = 'users';
  });
  users.get('/:user', (ctx) => {
    ctx.body = ctx.params.user;
  });
  const api = new Router();
  api.use('/api', users.routes(), users.allowedMethods());
  const inner = new Router();
  inner.get('/things/:thing', (ctx) => {
    ctx.body = `${ctx.params.thing} ${ctx.path}`;
  });
  app.use(mount('/mounted', new Koa().use(inner.routes())));
  app.use(router.routes()).use(router.allowedMethods());
  app.use(api.routes());
  const last = new Router();
  last.get('/mounted/elsewhere', (ctx) => {
    ctx.body = 'elsewhere';
  });
  app.use(last.middleware());

  const server = require('node:http').createServer(app.callback());
  return ask(server, [
    'GET /',
    'GET /orders/me',
    'GET /orders/7',
    'POST /orders/7',
    'GET /late/7',
    'GET /refused/7',
    'GET /boom',
    'GET /numbers/12',
    'GET /api/users',
    'GET /api/users/anna',
    'GET /mounted/things/1',
    'GET /mounted/elsewhere',
    'GET /nowhere',
  ]);
};
