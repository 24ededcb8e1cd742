// Fastify's hello world: what a request alone costs.
const { fail, serve } = require('./measured.js');
const { fastify } = require('fastify');

const app = fastify();
app.get('/', async () => ({ hello: 'world' }));

app
  .ready()
  .then(() => serve(app.routing, () => app.close()))
  .catch(fail);
