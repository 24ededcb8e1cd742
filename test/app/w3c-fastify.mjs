// Usage: node --require @sietch/otel/register test/app/w3c-fastify.mjs
// The same service as w3c-express.cjs, by Fastify and fetch in an ES module.
import { fastify } from 'fastify';

const headers = { 'content-type': 'application/json' };
const app = fastify();
app.post('/test', async (request) => {
  for (const { url, arguments: inner } of request.body)
    await (await fetch(url, { method: 'POST', headers, body: JSON.stringify(inner) })).text();
  return 'done';
});
app.listen({ port: 0, host: '127.0.0.1' }).then(() => process.send?.({ port: app.server.address().port }));
process.once('SIGTERM', () => {
  process.disconnect?.();
  app.close();
});
