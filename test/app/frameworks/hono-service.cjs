// A Hono app on Node with middleware, an app within it, an app mounted, and handlers that ask the app itself. Asks itself.
const ask = require('./ask.cjs');

module.exports = async function run({ Hono }, { createAdaptorServer }) {
  const app = new Hono();
  app.use('*', async (c, next) => {
    c.set('order', ['app']);
    await next();
    c.header('x-order', c.get('order').join());
  });
  app.get('/', (c) => c.text('home'));
  app.get('/orders/me', (c) => c.text('mine'));
  app.get(
    '/orders/:id',
    async (c, next) => {
      c.get('order').push('order');
      await next();
    },
    (c) => c.text(c.req.param('id')),
  );
  app.use('/refused/*', async (c, next) => (c.req.header('authorization') === undefined ? c.text('', 401) : next()));
  app.get('/refused/:id', (c) => c.text('never'));
  app.get('/boom', () => {
    throw new Error('4111111111111111');
  });
  app.get('/self', async (c) => c.text(await (await app.request('/orders/itself')).text()));
  app.on(['GET', 'PUT'], '/both', (c) => c.text(c.req.method));
  app.all('/any/:thing', async (c) => c.text(c.req.param('thing')));
  app.get('/late/:any', async (_c, next) => next());
  app.get('/late/:id', (c) => c.text('late'));
  const users = new Hono();
  users.get('/:user', (c) => c.text(c.req.param('user')));
  users.onError((_error, c) => c.text('', 500));
  app.route('/api/users', users);
  app.onError((error, c) => c.text(error.constructor.name, 500));
  app.get('/pages/*', (c) => c.text('page'));

  const server = createAdaptorServer({ fetch: app.fetch });
  await ask(server, [
    'GET /',
    'GET /orders/me',
    'GET /orders/7',
    'HEAD /orders/7',
    'POST /orders/7',
    'GET /refused/7',
    'GET /boom',
    'GET /self',
    'PUT /both',
    'DELETE /any/4',
    'GET /late/7',
    'GET /api/users/anna',
    'GET /pages/a/b',
    'GET /nowhere',
  ]);
};
