// Prints the classes behind tracer, span and instruments, as the app gets them.
// Usage: node --require ./dist/register.js test/app/bundle-parts.cjs
const { metrics, trace } = require('@opentelemetry/api');

const classOf = (value) => value?.constructor?.name;
const tracer = trace.getTracerProvider().getDelegate().getTracer('bundle');
const span = tracer.startSpan('bundle');
const meter = metrics.getMeter('bundle');
const storageOf = (instrument) => classOf(Reflect.get(instrument, '_writableMetricStorage'));
console.log(
  JSON.stringify({
    tracer: classOf(tracer),
    span: classOf(span),
    counter: storageOf(meter.createCounter('bundle.counter')),
    histogram: storageOf(meter.createHistogram('bundle.histogram')),
  }),
);
