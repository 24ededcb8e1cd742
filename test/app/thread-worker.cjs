// A worker thread: ends a span, logs, and ends in the way it is told to.
const { parentPort, workerData } = require('node:worker_threads');
const { context, trace } = require('@opentelemetry/api');
const { logs } = require('@opentelemetry/api-logs');

const { way } = workerData;
const tracer = trace.getTracer('thread');
const parent = tracer.startSpan(`${way}: parent`);
const inParent = trace.setSpan(context.active(), parent);
tracer
  .startSpan(`${way}: child`, { links: [{ context: parent.spanContext() }] }, inParent)
  .addEvent('event', { key: 'value' })
  .end();
logs.getLogger('thread').emit({ body: way, severityText: 'INFO', severityNumber: 9, context: inParent });
parent.end();

const ways = {
  end: () => {},
  exit: () => process.exit(0),
  throw: () => {
    throw new TypeError('x');
  },
  terminate: () => {
    parentPort.postMessage('ready');
    setInterval(() => {}, 1000);
  },
  busy: () => {
    parentPort.postMessage('ready');
    for (;;);
  },
  'main exits': () => {
    parentPort.postMessage('ready');
    setInterval(() => {}, 1000);
  },
};
ways[way]();
