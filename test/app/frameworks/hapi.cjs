// Usage: node --require @sietch/otel/register hapi.cjs. Copied beside the node_modules that it needs.
const run = require('./hapi-service.cjs');

void run(require('@hapi/hapi'));
