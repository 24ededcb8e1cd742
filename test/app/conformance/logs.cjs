// Usage: node --require @sietch/otel/register test/app/conformance/logs.cjs
// Emits log records as the rows of OpenTelemetry's compliance matrix name them, and dies after forceFlush(): what arrives, arrived by that.
const { context, ROOT_CONTEXT, trace } = require('@opentelemetry/api');
const { logs } = require('@opentelemetry/api-logs');

// Alive until then: at its natural end a process sends what is left.
setInterval(() => {}, 1000);

const provider = logs.getLoggerProvider();
const logger = provider.getLogger('conformance', '1.2.3', { schemaUrl: 'https://example.com/schemas/1', attributes: { team: 'payments' } });
const said = { enabled: logger.enabled() };
logger.emit({ body: 'plain', severityNumber: 9, severityText: 'INFO', attributes: { n: 1 }, timestamp: 1_700_000_000_000 });
logger.emit({ eventName: 'order.placed', attributes: { order: 7 } });
logger.emit({ body: 'failed', exception: new TypeError('broken') });
const span = trace.getTracer('conformance').startSpan('logging', {}, ROOT_CONTEXT);
said.span = [span.spanContext().traceId, span.spanContext().spanId];
context.with(trace.setSpan(ROOT_CONTEXT, span), () => logger.emit({ body: 'in a span' }));
span.end();
provider.forceFlush().then(() => {
  require('node:fs').writeSync(1, `${JSON.stringify(said)}\n`);
  // From outside: process.kill() would send what is left.
  require('node:child_process').execFileSync('kill', ['-KILL', String(process.pid)]);
});
