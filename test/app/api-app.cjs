// A server that makes a span with its own copy of the API, between spans of ours: server → app → client → server.
// Usage: node --require ../../dist/register.js test/app/api-app.cjs
const http = require('node:http');
const { context, metrics, propagation, trace } = require('@opentelemetry/api');

const tracer = trace.getTracer('api-app');
let library = () => {};
try {
  library = require('api-library').work;
} catch {
  // Only some of the tests have it.
}
metrics?.getMeter?.('api-app').createCounter('api_app_counter').add(3);

const server = http.createServer((request, response) => {
  if (request.url === '/inner') return response.end(JSON.stringify(request.headers));
  const span = tracer.startSpan('app');
  context.with(trace.setSpan(context.active(), span), () => {
    library();
    const carrier = {};
    propagation.inject(context.active(), carrier);
    http.get({ port: server.address().port, path: '/inner', agent: false }, (inner) => {
      inner.resume().on('end', () => {
        span.end();
        response.end(JSON.stringify({ carrier, span: span.spanContext().spanId }));
      });
    });
  });
});

server.listen(0, '127.0.0.1', () => {
  http.get({ port: server.address().port, path: '/outer', agent: false }, (response) => {
    response.setEncoding('utf8').on('data', (text) => console.log(text));
    response.on('end', () => server.close());
  });
});
