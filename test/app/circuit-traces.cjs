// Usage: node --require ./dist/register.js test/app/circuit-traces.cjs
// Prints the trace that opossum's listeners run in, and leaves a few traces with breakers in them.
const CircuitBreaker = require('opossum');
const { trace } = require('@opentelemetry/api');

const activeTrace = () => trace.getActiveSpan()?.spanContext().traceId ?? 'none';
const log = (what, ...values) => console.log(what, ...values);
const inSpan = (name, work) =>
  trace.getTracer('app').startActiveSpan(name, async (span) => {
    await work().catch(() => {});
    span.end();
    return span.spanContext().traceId;
  });

let isDown = true;
const step = async () => {
  if (isDown) throw new TypeError('secret');
};
const paddle = new CircuitBreaker(step, { name: 'paddle', resetTimeout: 500, volumeThreshold: 1 });
const steady = new CircuitBreaker(async () => 1, { name: 'steady' });
for (const event of ['open', 'halfOpen', 'close']) paddle.on(event, () => log(event, 'in', activeTrace()));

async function main() {
  const keepAlive = setInterval(() => {}, 1000);
  log('opening', await inSpan('opening', () => paddle.fire()));
  log(
    'rejected',
    await inSpan('rejected', async () => {
      await paddle.fire().catch(() => {});
      await steady.fire();
    }),
  );
  await new Promise((resolve) => paddle.once('halfOpen', resolve));
  isDown = false;
  log('probing', await inSpan('probing', () => paddle.fire()));
  log('steady', await inSpan('steady', () => steady.fire()));
  // An answer that comes when the span has ended leaves no warning.
  const late = new CircuitBreaker(() => new Promise((resolve) => setTimeout(resolve, 20)), { name: 'late' });
  let answer;
  await inSpan('left', async () => {
    answer = late.fire();
  });
  await answer;
  clearInterval(keepAlive);
}

void main();
