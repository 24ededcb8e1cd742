// Usage: node --require @sietch/otel/register hono.cjs. Copied beside the node_modules that it needs.
const run = require('./hono-service.cjs');

void run(require('hono'), require('@hono/node-server'));
