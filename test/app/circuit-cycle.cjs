// Usage: node --require ./dist/register.js test/app/circuit-cycle.cjs <url>
// Calls <url> through an opossum breaker named paddle, inside a span of its own, whenever it gets { fire } by process.send.
const CircuitBreaker = require('opossum');
const { trace } = require('@opentelemetry/api');

const url = process.argv[2];
const breaker = new CircuitBreaker(
  async () => {
    const response = await fetch(url);
    if (!response.ok) throw new Error(`secret-${response.status}`);
    return response.text();
  },
  { name: 'paddle', timeout: 1500, resetTimeout: 1500, volumeThreshold: 3, rollingCountTimeout: 60_000 },
);

async function fire(fired) {
  await trace.getTracer('app').startActiveSpan('call', async (span) => {
    const answer = await breaker.fire().then(
      (result) => ({ result }),
      (error) => ({ code: error.code ?? error.message }),
    );
    span.end();
    process.send({ fired, traceId: span.spanContext().traceId, ...answer });
  });
}

process.on('message', (message) => {
  if ('fire' in message) void fire(message.fire);
  if ('flip' in message) {
    breaker.open();
    breaker.close();
    process.send({ fired: message.flip });
  }
  if ('shutdown' in message) {
    breaker.shutdown();
    process.send({ fired: message.shutdown });
  }
});
process.send({ fired: 'ready' });
