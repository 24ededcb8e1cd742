// Puts marked values wherever an app has values, does one thing after another with them, each in a trace of its own, and says so by a message;
// ends, when told to, by an error that nobody catches. test/safety/canary.test.ts looks for the values in all that leaves the process.
//
// Usage: DATABASE_URL=… REDIS_URL=… [LOG_VALUES=on] [CANARY_THREAD=on] node --require ./dist/register.js test/app/canary/main.cjs --password kanarie-argument
// With CANARY_THREAD=on it does all that in a worker thread.
const { isMainThread, parentPort, Worker } = require('node:worker_threads');
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
  tell({ done: Object.keys(steps) });
}

const tell = (message) => (isMainThread ? process.send(message) : parentPort.postMessage(message));

function end() {
  tracer.startActiveSpan('last', () => {
    throw Object.assign(new TypeError(`${marked('uncaught')}\n    at ${marked('uncaught-second-line')}`), {
      cause: new Error(marked('cause')),
    });
  });
}

if (isMainThread && process.env.CANARY_THREAD === 'on') {
  const thread = new Worker(__filename);
  thread.on('message', tell);
  process.once('message', (message) => thread.postMessage(message));
} else {
  (isMainThread ? process : parentPort).once('message', end);
  void main();
}
