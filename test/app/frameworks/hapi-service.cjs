// A hapi server with extensions, a plugin, CORS and errors. Asks itself.
const ask = require('./ask.cjs');

module.exports = async function run(Hapi) {
  const server = Hapi.server({ port: 0, host: '127.0.0.1', debug: false, routes: { cors: true } });
  server.ext('onRequest', (request, h) => {
    request.app.order = ['onRequest'];
    return request.path === '/early' ? h.response('early').takeover() : h.continue;
  });
  for (const event of ['onPreAuth', 'onPreHandler', 'onPreResponse']) {
    server.ext(event, (request, h) => {
      request.app.order.push(event);
      const { response } = request;
      if (event === 'onPreResponse' && response.header !== undefined) response.header('x-order', request.app.order.join());
      return h.continue;
    });
  }
  server.route({ method: 'GET', path: '/', handler: () => 'home' });
  server.route({ method: 'GET', path: '/orders/{id}', handler: ({ params, route }) => `${params.id} ${route.path}` });
  server.route({ method: 'GET', path: '/files/{path*2}', handler: ({ params }) => params.path });
  server.route({
    method: 'GET',
    path: '/boom',
    handler: () => {
      throw new Error('4111111111111111');
    },
  });
  await server.register({
    plugin: {
      name: 'users',
      register: (plugin) => plugin.route({ method: 'GET', path: '/users/{user}', handler: ({ params }) => params.user }),
    },
    routes: { prefix: '/api' },
  });
  await server.start();
  const injected = await server.inject('/orders/injected');
  console.log(injected.statusCode, injected.payload);
  await ask(server.listener, [
    'GET /',
    'GET /orders/7?card=4111111111111111',
    'POST /orders/7',
    'GET /files/a/b',
    'GET /boom',
    'GET /early',
    'GET /api/users/anna',
    'OPTIONS /orders/7',
    'GET /nowhere',
  ]);
  await server.stop();
};
