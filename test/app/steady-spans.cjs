// Makes a span every 50 ms until SIGTERM.
// Usage: node --require @sietch/otel/register test/app/steady-spans.cjs
const { trace } = require('@opentelemetry/api');

const timer = setInterval(() => trace.getTracer('steady').startSpan('steady').end(), 50);
process.once('SIGTERM', () => {
  clearInterval(timer);
  process.disconnect?.();
});
