// Usage: REDIS_URL=redis://… node --require ./dist/register.js test/app/mixed/main.cjs
// A CommonJS program that require()s one library and import()s an ES module that uses others. Says by a message when its job is done.
const { trace } = require('@opentelemetry/api');
const { Redis } = require('ioredis');

async function main() {
  const { fireBreaker, logLine, runJob } = await import('./part.mjs');
  const redis = new Redis(process.env.REDIS_URL);
  await trace.getTracer('app').startActiveSpan('root', async (span) => {
    await redis.get('user:1');
    logLine();
    await fireBreaker();
    await runJob();
    span.end();
    process.send({ traceId: span.spanContext().traceId });
  });
  redis.disconnect();
  process.disconnect();
}

void main();
