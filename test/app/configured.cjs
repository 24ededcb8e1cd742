// Usage: node test/app/configured.cjs
// A server for the tests of the configuration file: prints its own OTEL_* variables and its address, answers every request inside a span that it times by a
// histogram, and says it on the level debug of the API's diagnostics. `idle` does nothing at all.
const { diag, metrics, trace } = require('@opentelemetry/api');

const own = Object.entries(process.env).filter(([name]) => /OTEL/.test(name));
console.log(`environment ${JSON.stringify(Object.fromEntries(own))}`);

if (process.argv[2] !== 'idle') {
  const histogram = metrics.getMeter('app').createHistogram('app.work', { unit: 's' });
  metrics.getMeter('app').createCounter('app.secret').add(1);
  const server = require('node:http').createServer((request, response) => {
    diag.debug('a request');
    histogram.record(1, { kept: 'yes', left: 'out' });
    trace.getTracer('app').startActiveSpan('work', (span) => {
      span.setAttribute('path', request.url ?? '');
      span.end();
      response.end();
    });
  });
  server.listen(0, '127.0.0.1', () => console.log(`listening ${server.address().port}`));
}
