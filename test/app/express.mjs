// Usage: node --require @sietch/otel/register test/app/express.mjs
// Express as ES module, with a router. Says its port by message; ends by SIGTERM.
import express, { Router } from 'express';

const app = express();
app.use(express.json());
const orders = Router();
orders.get('/:order', (_request, response) => response.end('order'));
app.use('/tenants/:tenant/orders', orders);

const server = app.listen(0, '127.0.0.1', () => process.send?.({ port: server.address().port }));
process.once('SIGTERM', () => {
  process.disconnect?.();
  server.close();
});
