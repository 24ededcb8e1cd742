// Usage: DATABASE_URL=… REDIS_URL=… PADDLE_URL=… PORT=0 node --require @sietch/otel/register bundled-service.cjs
// Both parts of the example service in one process, and so in one bundle.
require('../../examples/webhook-service/service.js');
require('../../examples/webhook-service/worker.js');
