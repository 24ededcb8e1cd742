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
const observable = metrics.getMeter('exit-metrics-observable');
let age = 1;
/** An observation that its callback waits for. */
const observeLate = () =>
  observable.createObservableGauge('late').addCallback(async (result) => {
    await null;
    result.observe(age);
  });
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
  'after a late observation': async () => {
    observeLate();
    await flushed();
    age = 2;
    process.exit(3);
  },
  'while a callback hangs': () => {
    observable.createObservableGauge('late').addCallback(() => new Promise(() => {}));
    void flushed();
    setImmediate(() => process.exit(3));
  },
  'in a listener of a signal': () => {
    process.once('SIGTERM', async () => {
      for (let turn = 0; turn < Number(process.argv[3]); turn++) await null;
      process.exit(3);
    });
    setInterval(() => {}, 1000);
    process.kill(process.pid, 'SIGTERM');
  },
  // Of them, those after the collector has the first export, which it does not answer.
  'after many intervals': () => {
    setInterval(() => {}, 1000);
    let collections = 0;
    const end = () => {
      measure();
      process.exit(3);
    };
    process.once('message', () => {
      observable.createObservableGauge('collections').addCallback(() => {
        if (++collections === 8) setImmediate(end);
      });
    });
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
