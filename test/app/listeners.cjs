// Usage: node --require @sietch/otel/register test/app/listeners.cjs
// A server that notes which trace is active in the listeners of a request and its response, and prints it. `/handed` goes to another server of the process
// by `emit`. Says its port by message; ends by SIGTERM.
const { createServer } = require('node:http');
const { trace } = require('@opentelemetry/api');

const activeTrace = () => trace.getActiveSpan()?.spanContext().traceId ?? 'none';

const inner = createServer((_request, response) => response.end('handed'));

const server = createServer((request, response) => {
  if (request.url === '/handed') {
    inner.emit('request', request, response);
    return;
  }
  const seen = { handler: activeTrace() };
  const note = (event) => {
    seen[event] = activeTrace();
    if (event.endsWith('close') && 'request close' in seen && 'response close' in seen) console.log(JSON.stringify(seen));
  };
  for (const event of ['data', 'end', 'close']) request.on(event, () => note(`request ${event}`));
  for (const event of ['finish', 'close']) response.on(event, () => note(`response ${event}`));
  request.once('data', () => response.write('first'));
  request.on('end', () => response.end('last'));
});

server.listen(0, '127.0.0.1', () => process.send?.({ port: server.address().port }));
process.once('SIGTERM', () => {
  process.disconnect?.();
  server.close();
});
