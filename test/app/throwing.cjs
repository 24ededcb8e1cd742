// Usage: node --require @sietch/otel/register test/app/throwing.cjs
// A server whose handler throws at once; the process survives. Says its port by message; ends by SIGTERM.
const { createServer } = require('node:http');

const open = new Set();
const server = createServer((request, response) => {
  open.add(response);
  if (request.url === '/boom') throw new RangeError('card 4111111111111111');
  response.end('fine');
});
process.on('uncaughtException', () => {
  for (const response of open) if (!response.headersSent) response.writeHead(500).end();
});
server.listen(0, '127.0.0.1', () => process.send?.({ port: server.address().port }));
process.once('SIGTERM', () => {
  process.disconnect?.();
  server.close();
});
