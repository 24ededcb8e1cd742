// Usage: node test/app/conformance/parts.cjs
// Starts the distribution in code with parts of the SDK that tell what they were given, and prints that.
const { logs } = require('@opentelemetry/api-logs');
const { context, createContextKey, createTraceState, metrics, ROOT_CONTEXT, trace } = require('@opentelemetry/api');
const { resourceFromAttributes } = require('@opentelemetry/resources');
const { AlwaysOffSampler, createAlwaysRecordSampler, SimpleSpanProcessor } = require('@opentelemetry/sdk-trace');
const { SimpleLogRecordProcessor } = require('@opentelemetry/sdk-logs');
const {
  AggregationTemporality,
  AggregationType,
  createAllowListAttributesProcessor,
  createDenyListAttributesProcessor,
  InMemoryMetricExporter,
  PeriodicExportingMetricReader,
} = require('@opentelemetry/sdk-metrics');
const { start } = require('../../../dist/index.js');

const key = createContextKey('tenant');
const said = { onStart: [], onEnding: [], onEnd: [], sampled: [], exported: [], exporter: [], emitted: [], enabled: [], logged: [] };

const processor = {
  onStart: (span, parentContext) => said.onStart.push([span.name, parentContext.getValue(key)]),
  onEnding(span) {
    said.onEnding.push(span.name);
    span.setAttribute('at the end', true);
  },
  onEnd: (span) => said.onEnd.push([span.name, span.instrumentationScope, span.resource.attributes.team]),
  forceFlush: async () => {},
  shutdown: async () => {},
};
const exporter = {
  export: (spans, done) => {
    said.exported.push(...spans.map(({ name }) => name));
    done({ code: 0 });
  },
  forceFlush: async () => void said.exporter.push('forceFlush'),
  shutdown: async () => void said.exporter.push('shutdown'),
};
const logProcessor = {
  onEmit(record) {
    said.emitted.push(record.body);
    record.setAttribute('by', 'the processor');
  },
  enabled({ severityNumber = 0 }) {
    said.enabled.push(severityNumber);
    return severityNumber >= 9;
  },
  forceFlush: async () => {},
  shutdown: async () => {},
};
const logExporter = {
  export: (records, done) => {
    said.logged.push(...records.map(({ body, attributes }) => [body, attributes.by]));
    done({ code: 0 });
  },
  forceFlush: async () => {},
  shutdown: async () => {},
};
const exporting = new SimpleLogRecordProcessor({ exporter: logExporter });
// Asked after the other one, which alone decides then.
exporting.enabled = () => false;
const metricExporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
const metricReader = new PeriodicExportingMetricReader({ exporter: metricExporter, cardinalityLimits: { default: 6 } });
const recordsAll = createAlwaysRecordSampler(new AlwaysOffSampler());
const sampler = {
  shouldSample(parentContext, traceId, name, ...rest) {
    said.sampled.push([name, parentContext.getValue(key)]);
    if (name === 'not recorded') return { decision: 0 };
    if (name === 'recorded only') return recordsAll.shouldSample(parentContext, traceId, name, ...rest);
    return { decision: 2, traceState: createTraceState('vendor=sampled') };
  },
};
const view = (instrumentName, more) => ({ instrumentName, ...more });
const views = [
  view('renamed', { name: 'by.the.view', description: 'Said by the view.' }),
  view('allowed', { attributesProcessors: [createAllowListAttributesProcessor(['kept'])] }),
  view('denied', { attributesProcessors: [createDenyListAttributesProcessor(['left.out'])] }),
  view('dropped', { aggregation: { type: AggregationType.DROP } }),
  view('summed', { aggregation: { type: AggregationType.SUM } }),
  view('last', { aggregation: { type: AggregationType.LAST_VALUE } }),
  view('explicit', { aggregation: { type: AggregationType.EXPLICIT_BUCKET_HISTOGRAM, options: { boundaries: [1, 2] } } }),
  view('exponential', { aggregation: { type: AggregationType.EXPONENTIAL_HISTOGRAM } }),
  view('usual', { aggregation: { type: AggregationType.DEFAULT } }),
  view('wild.*', { description: 'By the wildcard.' }),
  view('twice', { name: 'twice.a' }),
  view('twice', { name: 'twice.b' }),
  view('limited', { aggregationCardinalityLimit: 3 }),
  { meterName: 'all', instrumentName: '*', description: 'By the match-all wildcard.' },
  { instrumentUnit: 'furlong', instrumentType: 'COUNTER', description: 'By unit and type.' },
];

async function main() {
  start({
    spanProcessors: [processor, new SimpleSpanProcessor({ exporter })],
    logRecordProcessors: [logProcessor, exporting],
    metricReaders: [metricReader],
    sampler,
    views,
    resource: resourceFromAttributes({ team: 'payments' }),
  });
  const tracer = trace.getTracer('parts', '1.0.0');
  const tenant = ROOT_CONTEXT.setValue(key, 'shop');
  const work = tracer.startSpan('work', {}, tenant);
  const inWork = trace.setSpan(tenant, work);
  const unrecorded = tracer.startSpan('not recorded', {}, inWork);
  said.ids = [work.spanContext(), unrecorded.spanContext()].map(({ traceId, spanId }) => [traceId, spanId]);
  said.unrecordedIsRecording = unrecorded.isRecording();
  unrecorded.end();
  tracer.startSpan('recorded only', {}, ROOT_CONTEXT).end();
  work.end();

  const logger = logs.getLogger('parts');
  said.isEnabled = [5, 9].map((severityNumber) => logger.enabled({ severityNumber }));
  logger.emit({ body: 'too fine', severityNumber: 5 });
  logger.emit({ body: 'order taken', severityNumber: 9 });

  const meter = metrics.getMeter('parts');
  for (const name of ['renamed', 'dropped', 'usual', 'twice', 'wild.one', 'wild.two']) meter.createCounter(name).add(1);
  for (const name of ['allowed', 'denied']) meter.createCounter(name).add(1, { kept: 1, 'left.out': 2 });
  for (const name of ['summed', 'last', 'explicit', 'exponential'])
    for (const value of [1, 2, 3]) meter.createHistogram(name).record(value);
  const limited = meter.createCounter('limited');
  for (let n = 0; n < 9; n++) limited.add(1, { n });
  const many = meter.createCounter('many');
  for (let n = 0; n < 9; n++) many.add(1, { n });
  metrics.getMeter('all').createCounter('any').add(1);
  meter.createCounter('long', { unit: 'furlong' }).add(1);
  meter.createUpDownCounter('short', { unit: 'furlong' }).add(1);
  const provider = trace.getTracerProvider();
  await (provider.getDelegate?.() ?? provider).forceFlush();
  await metrics.getMeterProvider().forceFlush();
  said.pointsOfMany = metricExporter
    .getMetrics()
    .at(-1)
    .scopeMetrics.flatMap((scope) => scope.metrics)
    .find(({ descriptor }) => descriptor.name === 'many').dataPoints.length;
  context.disable();
  console.log(JSON.stringify(said));
}
void main();
