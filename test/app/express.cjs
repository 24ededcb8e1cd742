// Usage: node --require @sietch/otel/register test/app/express.cjs
// Express with routers in routers, middleware, errors. Says its port by message; ends by SIGTERM.
const express = require('express');
const { pino } = require('pino');

const logger = pino();
const app = express();
app.use(express.json());
app.use((_request, _response, next) => next());

app.post('/webhooks/:provider', (request, response) => {
  logger.info({ type: request.body.type }, 'webhook');
  response.json({ received: true });
});

// Two routers at one path: the first has no such route.
const first = express.Router();
first.get('/nothing', (_request, response) => response.end('nothing'));
const second = express.Router();
second.get('/users/:id', (_request, response) => response.end('user'));
second.get('/', (_request, response) => response.end('index'));
app.use('/api', first);
app.use('/api', second);

// A mount path that ends with a slash.
const slashed = express.Router();
slashed.get('/', (_request, response) => response.end('slashed'));
slashed.get('/users/:id', (_request, response) => response.end('user'));
app.use('/slashed/', slashed);

const orders = express.Router({ mergeParams: true });
orders.get('/orders/:order', (request, response) => response.end(request.params.tenant));
app.use('/tenants/:tenant', orders);

const sub = express();
sub.get('/inner/:name', (_request, response) => response.end('inner'));
app.use('/sub', sub);

app.use('/files', (request, response, next) => (request.path === '/a.txt' ? response.end('file') : next()));
app.get(/^\/numbers\/\d+$/, (_request, response) => response.end('number'));
app.get(['/one', '/two'], (_request, response) => response.end('either'));
app.get('/', (_request, response) => response.end('root'));
app.get('/next', (_request, _response, next) => next());
app.get('/boom', () => {
  throw new Error('card 4111111111111111');
});
app.get('/later-boom', async () => {
  await null;
  throw Object.assign(new Error('card 4111111111111111'), { status: 418 });
});
app.use('/errors', () => {
  throw new Error('card 4111111111111111');
});
app.use((error, _request, response, _next) => {
  logger.error('failed');
  response.status(error.status ?? 500).end();
});

const server = app.listen(0, '127.0.0.1', () => process.send?.({ port: server.address().port }));
process.once('SIGTERM', () => {
  process.disconnect?.();
  server.close();
});
