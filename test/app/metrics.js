// Usage: node --require @sietch/otel/register test/app/metrics.js [hung] [thrown] [slow]
// Records a counter, a gauge and a histogram; with arguments, also has callbacks that misbehave. Ends by itself after the first message.
const { metrics } = require('@opentelemetry/api');

const meter = metrics.getMeter('app', '1.2.3');
meter.createCounter('things', { unit: '{thing}', description: 'Things "done" \\ so far.' }).add(3, { 'thing.kind': 'a"b\\c\nd', size: 2 });
meter.createHistogram('wait.duration', { unit: 's', advice: { explicitBucketBoundaries: [0.1, 1, 2.5] } }).record(0.5);
meter.createObservableGauge('fill', { unit: '1' }).addCallback((result) => result.observe(0.25));
meter.createObservableGauge('sietch_paddle_circuit_state').addCallback((result) => result.observe(0.5));

const misbehaving = {
  hung: () => new Promise(() => {}),
  thrown: () => {
    throw new Error('secret 4111111111111111');
  },
  slow: async (result) => {
    await new Promise((resolve) => setTimeout(resolve, 5_000));
    result.observe(1);
  },
};
for (const name of process.argv.slice(2)) meter.createObservableGauge(name).addCallback(misbehaving[name]);

// Nothing else keeps the process alive.
process.once('message', () => {});
