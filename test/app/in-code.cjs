// Usage: node test/app/in-code.cjs <case>
// An app that starts the distribution itself, with parts of the SDK of its own, and queries a Redis inside a span. Prints what those parts saw.
const { metrics, trace } = require('@opentelemetry/api');
const { logs } = require('@opentelemetry/api-logs');
const { resourceFromAttributes } = require('@opentelemetry/resources');
const { InMemoryMetricExporter, MeterProvider, PeriodicExportingMetricReader } = require('@opentelemetry/sdk-metrics');
const { AlwaysOffSampler, AlwaysOnSampler, SimpleSpanProcessor } = require('@opentelemetry/sdk-trace');
const { start } = require('../../dist/index.js');

const seen = [];
const exporter = {
  export: (spans, done) => {
    seen.push(...spans.map(({ name }) => `exported ${name}`));
    done({ code: 0 });
  },
  shutdown: async () => {},
};
const watching = {
  onStart: (span) => {
    seen.push(`start ${span.name} ${span.isRecording()}`);
    span.setAttribute('seen', true);
  },
  onEnd: (span) => seen.push(`end ${span.name} ${span.attributes.seen}`),
  forceFlush: async () => {},
  shutdown: async () => void seen.push('shutdown'),
};
const throwing = () => {
  throw new Error('secret 4111111111111111');
};
let ids = 0;
const bomb = new Proxy({}, { get: throwing });

/** Of another meter provider already, which the SDK refuses. */
function boundReader() {
  const reader = new PeriodicExportingMetricReader({ exporter: new InMemoryMetricExporter(1) });
  new MeterProvider({ readers: [reader] });
  return reader;
}

const cases = {
  ending: { spanProcessors: [new SimpleSpanProcessor({ exporter })] },
  starting: { spanProcessors: [watching] },
  throwing: { spanProcessors: [{ onStart: throwing, onEnding: throwing, onEnd: throwing, forceFlush: throwing, shutdown: throwing }] },
  throwingLogs: { logRecordProcessors: [{ onEmit: throwing, enabled: throwing, forceFlush: throwing, shutdown: throwing }] },
  boundReader: { metricReaders: [boundReader()] },
  off: { sampler: new AlwaysOffSampler() },
  on: { sampler: new AlwaysOnSampler() },
  named: { sampler: { shouldSample: (_context, _id, name) => ({ decision: name === 'GET' ? 2 : 1 }), toString: () => 'AlwaysOnSampler' } },
  ids: {
    idGenerator: {
      generateTraceId: () => '5759e988bd862e3fe1be46a994272793',
      generateSpanId: () => `53995c3f42cd${String(++ids).padStart(4, '0')}`,
    },
  },
  badIds: { idGenerator: { generateTraceId: throwing, generateSpanId: () => 'AB' } },
  badSampler: { sampler: { shouldSample: throwing, toString: throwing } },
  noDecision: { sampler: { shouldSample: () => undefined } },
  resource: { resource: resourceFromAttributes({ 'service.name': 'from-code', team: 'payments' }) },
  views: { views: [{ instrumentName: 'secret.*', aggregation: { type: 1 } }] },
  wrong: {
    spanProcessors: [{}, new SimpleSpanProcessor({ exporter })],
    logRecordProcessors: [{ onEmit() {} }],
    metricReaders: [{ collect() {} }],
    sampler: 'always_off',
    idGenerator: { generateTraceId() {} },
    views: [{}],
    resource: { team: 'payments' },
  },
  noLists: { spanProcessors: 'mine', logRecordProcessors: {}, metricReaders: 1, idGenerator: 1, views: 1, resource: null },
  bombs: {
    spanProcessors: [bomb],
    logRecordProcessors: [bomb],
    metricReaders: [bomb],
    idGenerator: bomb,
    sampler: bomb,
    views: [bomb],
    resource: bomb,
  },
};

async function main() {
  const started = start(cases[process.argv[2]]);
  const Redis = require('ioredis');
  const redis = new Redis(process.env.REDIS_URL, { lazyConnect: true });
  await redis.connect();
  metrics.getMeter('app').createCounter('secret.things').add(1);
  metrics.getMeter('app').createCounter('things').add(1);
  logs.getLogger('app').emit({ body: 'order taken' });
  await trace.getTracer('app').startActiveSpan('work', async (span) => {
    await redis.get('key');
    span.end();
  });
  // The endpoint opens a second after the start of an app that does not listen itself.
  while (process.env.OTEL_METRICS_EXPORTER === 'prometheus' && started.metricsUrl === undefined)
    await new Promise((resolve) => setTimeout(resolve, 20));
  const names = started.metricsUrl && (await (await fetch(started.metricsUrl)).text()).match(/^\w*things\w*(?=\{| )/gm);
  await redis.quit();
  await started.shutdown();
  console.log(JSON.stringify({ seen, metrics: names }));
}
void main();
