// A server that does nothing but what its spans cost: a request with two spans below it. For the memory of the ring.
const { endWith, say } = require('./reported.js');
const { createServer } = require('node:http');
const { trace } = require('@opentelemetry/api');

const tracer = trace.getTracer('bench');
const server = createServer((request, response) => {
  for (const name of ['read', 'write']) {
    const span = tracer.startSpan(name);
    span.setAttribute('bench.path', request.url);
    span.end();
  }
  response.end('done');
});
server.listen(0, '127.0.0.1', () => say({ port: server.address().port }));
endWith(() => {
  server.close();
  server.closeAllConnections();
});
