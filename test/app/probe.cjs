// Usage: node --expose-gc --require ./test/app/probe.cjs app.js, with an IPC channel
// Answers each message { probe } with what the process has used and how late its event loop was since the last answer, and, unless the message
// says { glance: true }, what it holds after a full collection.
const { monitorEventLoopDelay } = require('node:perf_hooks');

const delay = monitorEventLoopDelay({ resolution: 1 });
delay.enable();
let cpuBefore = process.cpuUsage();

process.on('message', async ({ probe, glance = false }) => {
  if (probe === undefined) return;
  const { user, system } = process.cpuUsage(cpuBefore);
  const answer = {
    probe,
    rss: process.memoryUsage.rss(),
    cpuMs: (user + system) / 1000,
    delayMs: delay.percentile(99) / 1e6,
    delayP50Ms: delay.percentile(50) / 1e6,
    delayMaxMs: delay.max / 1e6,
  };
  process.send(glance ? answer : { ...answer, ...(await held()) });
  delay.reset();
  cpuBefore = process.cpuUsage();
});
// The app ends as it would without us.
process.channel.unref();

async function held() {
  // Objects with finalizers go at the collection after the one that found them.
  for (let round = 0; round < 4; round++) {
    globalThis.gc();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const resources = {};
  for (const name of process.getActiveResourcesInfo()) resources[name] = (resources[name] ?? 0) + 1;
  const listeners = process.eventNames().reduce((sum, name) => sum + process.listenerCount(name), 0);
  return { heap: process.memoryUsage().heapUsed, resources, listeners };
}
