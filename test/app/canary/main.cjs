// Puts marked values wherever an app has values, does one thing after another with them, each in a trace of its own, and says so by a message;
// ends, when told to, by an error that nobody catches. test/safety/canary.test.ts looks for the values in all that leaves the process.
//
// Usage: DATABASE_URL=… REDIS_URL=… [LOG_VALUES=on] node --require ./dist/register.js test/app/canary/main.cjs --password kanarie-argument
const { trace } = require('@opentelemetry/api');
const { onSlowQuery } = require('@sietch/otel');
const { useBreakers } = require('./circuit.cjs');
const { useHttp } = require('./http.cjs');
const { useBullMq, useWebhooks, useWebhooksWithoutRedis } = require('./queue.cjs');
const { useRedis } = require('./redis.cjs');
const { useSql } = require('./sql.cjs');
const { marked } = require('./values.cjs');

const steps = { useHttp, useSql, useRedis, useBullMq, useWebhooks, useWebhooksWithoutRedis, useBreakers };
const tracer = trace.getTracer('app');

onSlowQuery(() => {
  throw new Error(marked('slow-query-listener'));
});

async function main() {
  for (const [name, step] of Object.entries(steps)) {
    await tracer.startActiveSpan(`${name} ended`, async (span) => {
      await step();
      span.end();
    });
  }
  process.send({ done: Object.keys(steps) });
}

process.once('message', () => {
  tracer.startActiveSpan('last', () => {
    throw Object.assign(new TypeError(`${marked('uncaught')}\n    at ${marked('uncaught-second-line')}`), {
      cause: new Error(marked('cause')),
    });
  });
});
void main();
