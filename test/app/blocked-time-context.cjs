// Starts a span when none was open before, within a value of the app's own AsyncLocalStorage, and prints whether that value is held later.
// Usage: node --expose-gc --require @sietch/otel/register test/app/blocked-time-context.cjs
const { AsyncLocalStorage } = require('node:async_hooks');
const { trace } = require('@opentelemetry/api');

const storage = new AsyncLocalStorage();
const pause = () => new Promise((resolve) => setTimeout(resolve, 50));

async function main() {
  // What is made once holds what was active then: this stream, and what the SDK makes for its first span.
  console.log('begin');
  trace.getTracer('app').startSpan('first').end();
  await pause();
  const held = new WeakRef(
    storage.run({ secret: 'of a request' }, () => {
      trace.getTracer('app').startSpan('one').end();
      return storage.getStore();
    }),
  );
  await pause();
  globalThis.gc();
  await pause();
  globalThis.gc();
  console.log(held.deref() === undefined ? 'collected' : 'held');
}

void main();
