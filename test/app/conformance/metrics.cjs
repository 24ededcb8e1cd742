// Usage: node --require @sietch/otel/register test/app/conformance/metrics.cjs
// Measures with each instrument as the rows of OpenTelemetry's compliance matrix name it, and dies after forceFlush(): what arrives, arrived by that.
const { context, metrics, ROOT_CONTEXT, trace } = require('@opentelemetry/api');
const {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} = require('@opentelemetry/sdk-metrics');

const provider = metrics.getMeterProvider();
const meter = provider.getMeter('conformance', '1.2.3', { schemaUrl: 'https://example.com/schemas/1' });
// Alive until then: at its natural end a process sends what is left.
setInterval(() => {}, 1000);

const said = {};

meter.createCounter('counter', { unit: '{order}', description: 'Orders taken.' }).add(2, { country: 'DE' });
meter.createUpDownCounter('up.down').add(-3);
meter.createHistogram('histogram', { advice: { explicitBucketBoundaries: [1, 2] } }).record(1.5);
meter.createHistogram('histogram.default').record(1);
meter.createGauge('gauge').record(4);
const observe = (name, value) => (result) => result.observe(value, { name });
for (const kind of ['Counter', 'UpDownCounter', 'Gauge'])
  meter[`createObservable${kind}`](`observable.${kind}`).addCallback(observe(kind, 5));

const unnamed = provider.getMeter('');
unnamed.createCounter('of.an.unnamed.meter').add(1);
const other = provider.getMeter('another');
other.createCounter('counter').add(7);
meter.createCounter('twice', { unit: 'a' }).add(1);
meter.createCounter('twice', { unit: 'b' }).add(10);
meter.createCounter('Cased').add(1);
meter.createCounter('cASED').add(10);
meter.createCounter('kilobits', { unit: 'kb' }).add(1);
meter.createCounter('kilobytes', { unit: 'kB' }).add(1);
meter.createCounter('no.unit', { unit: null }).add(1);
meter.createCounter('0 is no name').add(1);
meter.createCounter('described', { description: 'Ü'.repeat(1023) }).add(1);

const tracer = trace.getTracer('conformance');
const span = tracer.startSpan('measuring', {}, ROOT_CONTEXT);
said.span = [span.spanContext().traceId, span.spanContext().spanId];
context.with(trace.setSpan(ROOT_CONTEXT, span), () => meter.createHistogram('histogram.in.a.span').record(1));
span.end();

async function main() {
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const another = new MeterProvider({ readers: [new PeriodicExportingMetricReader({ exporter })] });
  another.getMeter('apart').createCounter('apart').add(1);
  await another.forceFlush();
  said.apart = exporter.getMetrics()[0].scopeMetrics[0].metrics[0].descriptor.name;
  await new Promise((resolve) => setTimeout(resolve, 20));
  meter.createCounter('counter', { unit: '{order}', description: 'Orders taken.' }).add(3, { country: 'FR' });
  await provider.forceFlush();
  require('node:fs').writeSync(1, `${JSON.stringify(said)}\n`);
  // From outside: process.kill() would send what is left.
  require('node:child_process').execFileSync('kill', ['-KILL', String(process.pid)]);
}
void main();
