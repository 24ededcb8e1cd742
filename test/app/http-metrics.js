// Usage: node --require @sietch/otel/register test/app/http-metrics.js
// An HTTP server that answers every request; /app-metrics is the metrics handler, mounted; /log emits a log record. Prints its address.
const { createServer } = require('node:http');
const { logs } = require('@opentelemetry/api-logs');
const { metricsHandler } = require('../../dist/index.js');

const metrics = metricsHandler();
const server = createServer((request, response) => {
  if (request.url === '/log') logs.getLogger('app').emit({ body: 'asked for' });
  if (request.url === '/app-metrics') metrics(request, response);
  else response.end('hello');
});
server.listen(0, '127.0.0.1', () => console.log(`listening on http://127.0.0.1:${server.address().port}/`));
