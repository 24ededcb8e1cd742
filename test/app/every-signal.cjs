// Usage: node --require @sietch/otel/register test/app/every-signal.cjs [stay]
// Makes spans, log records and metrics, more and longer ones than small limits let through, and prints the headers that go out. With `stay` it ends when
// its parent lets it go.
const { context, metrics, propagation, ROOT_CONTEXT, trace } = require('@opentelemetry/api');
const { logs } = require('@opentelemetry/api-logs');

const six = () => Object.fromEntries(['a', 'b', 'c', 'd', 'e', 'f'].map((key) => [key, `${key}${'.'.repeat(29)}`]));
const four = () => ({ a: 1, b: 2, c: 3, d: 4 });
const other = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), traceFlags: 1 };

const tracer = trace.getTracer('every-signal');
const meter = metrics.getMeter('every-signal');
const logger = logs.getLogger('every-signal');
const [jobs, latency] = [meter.createCounter('jobs'), meter.createHistogram('latency')];

const links = [0, 1, 2, 3].map(() => ({ context: other, attributes: four() }));
const work = tracer.startSpan('work', { attributes: six(), links }, ROOT_CONTEXT);
for (const name of ['1', '2', '3', '4']) work.addEvent(name, four());
const baggage = propagation.createBaggage({ key: { value: 'value' } });
context.with(propagation.setBaggage(trace.setSpan(context.active(), work), baggage), () => {
  jobs.add(1);
  latency.record(7);
  const carrier = {};
  propagation.inject(context.active(), carrier);
  console.log(`injected ${Object.keys(carrier).sort().join(',')}`);
});
work.end();
for (let more = 1; more < 10; more++) tracer.startSpan('more', {}, ROOT_CONTEXT).end();
for (let record = 0; record < 10; record++) logger.emit({ body: 'record', attributes: six() });

if (process.argv[2] === 'stay') {
  process.once('message', () => process.disconnect());
  console.log('ready');
} else process.disconnect?.();
