// Usage: node --expose-gc --require @sietch/otel/register test/app/collect-garbage.cjs
// Collects garbage now and then, until SIGTERM.
const timer = setInterval(() => globalThis.gc(), 50);
process.once('SIGTERM', () => {
  process.disconnect?.();
  clearInterval(timer);
});
