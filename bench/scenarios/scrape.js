// A thousand counter series and a thousand histogram series for /metrics. The first request begins the measurement, the second ends it.
const { answerAfter, serve } = require('./measured.js');
const { metrics } = require('@opentelemetry/api');

const meter = metrics.getMeter('bench');
const counter = meter.createCounter('bench.payments');
const histogram = meter.createHistogram('bench.duration', { unit: 's' });
for (let i = 0; i < 1000; i++) {
  counter.add(i, { customer: `customer-${i}`, currency: 'EUR' });
  for (let j = 0; j < 5; j++) histogram.record(j / 7, { customer: `customer-${i}`, currency: 'EUR' });
}

serve(
  answerAfter(async () => {}),
  () => process.exit(),
);
