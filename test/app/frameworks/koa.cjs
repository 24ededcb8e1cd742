// Usage: node --require @sietch/otel/register koa.cjs <name of the router's package>. Copied beside the node_modules that it needs.
const run = require('./koa-service.cjs');

void run(require('koa'), require(process.argv[2]), require('koa-mount'));
