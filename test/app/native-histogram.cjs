// Usage: node --require @sietch/otel/register test/app/native-histogram.cjs
// Records a histogram of a thousand values, one of each millisecond up to a second, a counter and a gauge. Ends after the first message.
const { metrics } = require('@opentelemetry/api');

const meter = metrics.getMeter('app', '1.2.3');
const histogram = meter.createHistogram('wait.duration', { unit: 's', advice: { explicitBucketBoundaries: [0.1, 1, 2.5] } });
for (let milliseconds = 1; milliseconds <= 1000; milliseconds++) histogram.record(milliseconds / 1000);
meter.createCounter('things', { unit: '{thing}' }).add(3, { 'thing.kind': 'a"b\\c\nd' });
meter.createGauge('fill', { unit: '1' }).record(0.25);

process.once('message', () => {});
