// Usage: node --require @sietch/otel/register test/app/fastify-print.cjs
// Prints what Fastify tells of an app's hooks.
const { fastify } = require('fastify');

const app = fastify();
app.addHook('onRequest', function ofTheApp(_request, _reply, done) {
  done();
});
app.get('/orders', async () => 'orders');
void app.ready().then(() => console.log(app.printRoutes({ includeHooks: true })));
