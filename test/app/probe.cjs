// Usage: node --expose-gc --require ./test/app/probe.cjs app.js, with an IPC channel
// Answers each message { probe } with what the process holds after a full collection, and how late its event loop was since the last answer.
const { monitorEventLoopDelay } = require('node:perf_hooks');

const delay = monitorEventLoopDelay({ resolution: 1 });
delay.enable();

process.on('message', async ({ probe }) => {
  if (probe === undefined) return;
  // Objects with finalizers go at the collection after the one that found them.
  for (let round = 0; round < 4; round++) {
    globalThis.gc();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const resources = {};
  for (const name of process.getActiveResourcesInfo()) resources[name] = (resources[name] ?? 0) + 1;
  const listeners = process.eventNames().reduce((sum, name) => sum + process.listenerCount(name), 0);
  process.send({ probe, heap: process.memoryUsage().heapUsed, resources, listeners, delayMs: delay.percentile(99) / 1e6 });
  delay.reset();
});
// The app ends as it would without us.
process.channel.unref();
