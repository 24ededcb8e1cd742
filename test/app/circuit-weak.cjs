// Usage: node --expose-gc --require ./dist/register.js test/app/circuit-weak.cjs
// Makes breakers and lets go of them; prints whether they are gone, then stays to be scraped.
const CircuitBreaker = require('opossum');

const kept = new CircuitBreaker(async () => 1, { name: 'kept' });

/** Nothing holds the breaker when this has returned. */
async function useOne() {
  const breaker = new CircuitBreaker(async () => 1, { name: 'passing' });
  await breaker.fire();
  return new WeakRef(breaker);
}

async function main() {
  const refs = [];
  for (let number = 0; number < 20; number++) refs.push(await useOne());
  await kept.fire();
  for (let turn = 0; turn < 100 && refs.some((ref) => ref.deref() !== undefined); turn++) {
    await new Promise((resolve) => setTimeout(resolve, 10));
    globalThis.gc();
  }
  process.send({ fired: 'ready', result: `${refs.filter((ref) => ref.deref() !== undefined).length} left, kept ${kept.closed}` });
  setInterval(() => {}, 1000);
}

void main();
