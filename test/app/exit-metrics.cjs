// A short-lived program that measures and ends in the way it is told, before any interval of an export has passed.
// Usage: node --require ../../dist/register.js test/app/exit-metrics.cjs <way>
const { metrics } = require('@opentelemetry/api');

const meter = metrics.getMeter('exit-metrics');
const jobs = meter.createCounter('jobs');
const sizes = meter.createHistogram('sizes', { unit: 'By' });
const last = meter.createGauge('last');
meter.createObservableGauge('observed').addCallback((result) => result.observe(1));

const measure = () => {
  for (const job of ['import', 'import', 'export']) jobs.add(1, { job });
  sizes.record(7);
  sizes.record(70);
  last.record(42);
};
const flushed = () => metrics.getMeterProvider().forceFlush();

const ways = {
  exit: () => process.exit(3),
  throw: () => {
    throw new TypeError('secret-4111111111111111');
  },
  'exit in an async function': async () => {
    await null;
    process.exit(3);
  },
  // Our requests do not keep it alive: while it waits, the natural end begins.
  'measures again': async () => {
    await flushed();
    measure();
    process.exit(3);
  },
  'shut down': async () => {
    setInterval(() => {}, 1000);
    await globalThis[Symbol.for('@sietch/otel.started')].shutdown();
    process.exit(3);
  },
  natural: () => {},
};

measure();
void ways[process.argv[2]]();
