// Usage: node [--require @sietch/otel/register] test/app/trace-context.cjs [start]
// Uses the facade outside of HTTP and prints what it saw, as one line of JSON. With `start` it uses the facade first and then calls start().
const { trace } = require('@opentelemetry/api');
const { getTraceHeaders, getTraceLogFields, start, TraceContext } = require('../../dist/index.js');

const TRACE_ID = '4bf92f3577b34da6a3ce929d0e0e4736';

async function main() {
  let started;
  if (process.argv[2] === 'start') {
    TraceContext.create().run(() => {
      started = start();
    });
  }
  const tracer = trace.getTracer('app');
  const result = TraceContext.fromHeaders({ 'x-trace-id': TRACE_ID }).run(() => {
    const before = { fields: getTraceLogFields(), headers: getTraceHeaders() };
    const within = tracer.startActiveSpan('work', (span) => {
      tracer.startSpan('step').end();
      const seen = { fields: getTraceLogFields(), headers: getTraceHeaders(), sampled: TraceContext.current().sampled };
      span.end();
      return seen;
    });
    return { before, within };
  });
  TraceContext.create().run(() => tracer.startSpan('alone').end());
  tracer.startSpan('outside').end();
  console.log(JSON.stringify(result));
  await started?.shutdown();
}

void main();
