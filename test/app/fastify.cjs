// Usage: node --require @sietch/otel/register test/app/fastify.cjs
// Fastify with a plugin and errors, and its logger, which is pino. Says its port by message; ends by SIGTERM. See fastify.mjs.
const { fastify } = require('fastify');

const app = fastify({ logger: true });
app.addHook('preHandler', async () => {});

app.post('/webhooks/:provider', async (request) => {
  request.log.info({ type: request.body.type }, 'webhook');
  return { received: true };
});
app.register(
  async (orders) => {
    orders.get('/:order', async (request) => request.params.tenant);
  },
  { prefix: '/tenants/:tenant/orders' },
);
app.get('/boom', async () => {
  throw new Error('card 4111111111111111');
});
app.get('/own-id', async (_request, reply) => reply.header('x-trace-id', 'mine').send('own'));
app.get('/otel', async (request) => ({ has: request.opentelemetry !== undefined }));

app.listen({ port: 0, host: '127.0.0.1' }).then(() => process.send?.({ port: app.server.address().port }));
process.once('SIGTERM', () => {
  process.disconnect?.();
  app.close();
});
