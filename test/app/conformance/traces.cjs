// Usage: node --require @sietch/otel/register test/app/conformance/traces.cjs
// Calls the tracing, context and baggage API as the rows of OpenTelemetry's compliance matrix name it, prints what the calls returned, and dies after
// forceFlush(): what arrives, arrived by that.
const api = require('@opentelemetry/api');
const { context, createContextKey, propagation, ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } = api;

const provider = trace.getTracerProvider();
const tracer = provider.getTracer('conformance', '1.2.3', { schemaUrl: 'https://example.com/schemas/1' });
const remote = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), traceFlags: 1 };
const under = (span) => trace.setSpan(ROOT_CONTEXT, span);
// Alive until then: at its natural end a process sends what is left.
setInterval(() => {}, 1000);

const said = {};

const root = tracer.startSpan('root', { kind: SpanKind.SERVER }, ROOT_CONTEXT);
said.activeBefore = trace.getActiveSpan() === undefined;
said.active = context.with(under(root), () => {
  tracer.startSpan('child of the active span').end();
  tracer.startSpan('a root all the same', { root: true }).end();
  return trace.getActiveSpan() === root;
});
tracer.startActiveSpan('marked active', {}, ROOT_CONTEXT, (span) => {
  said.marked = trace.getActiveSpan() === span;
  span.end();
});
tracer.startSpan('child by context', {}, under(root)).end();
tracer.startSpan('parent as an option', { parent: root }, ROOT_CONTEXT).end();
said.valid = [api.isSpanContextValid(root.spanContext()), api.isSpanContextValid(api.INVALID_SPAN_CONTEXT)];

const carrier = { traceparent: `00-${remote.traceId}-${remote.spanId}-01`, baggage: 'key=value;meta' };
const extracted = propagation.extract(ROOT_CONTEXT, carrier);
said.remote = [trace.getSpanContext(extracted).isRemote, root.spanContext().isRemote === true];
tracer.startSpan('below a remote parent', {}, extracted).end();
said.baggage = propagation.getBaggage(extracted).getEntry('key').value;
const written = {};
propagation.inject(propagation.setBaggage(under(root), propagation.createBaggage({ key: { value: 'a b' } })), written);
said.written = written;
said.fields = propagation.fields();
const [set, asked] = [[], []];
propagation.inject(under(root), {}, { set: (_carrier, key) => set.push(key) });
propagation.extract(ROOT_CONTEXT, carrier, {
  get: (from, key) => {
    asked.push(key);
    return from[key];
  },
  keys: Object.keys,
});
said.setter = set.includes('traceparent');
said.getter = asked.includes('traceparent');

const key = createContextKey('key');
const withValue = ROOT_CONTEXT.setValue(key, 7);
said.context = [withValue.getValue(key), ROOT_CONTEXT.getValue(key)];
said.current = context.with(withValue, () => context.active() === withValue);

const renamed = tracer.startSpan('named', {}, ROOT_CONTEXT);
said.recording = [renamed.isRecording()];
renamed.updateName('renamed');
renamed.end();
said.recording.push(renamed.isRecording());
renamed.setAttribute('late', true);
renamed.end();
tracer.startSpan('timed', { startTime: 1_700_000_000_000 }, ROOT_CONTEXT).end(1_700_000_001_500);
for (const [name, code] of Object.entries({ unset: SpanStatusCode.UNSET, ok: SpanStatusCode.OK, error: SpanStatusCode.ERROR })) {
  const span = tracer.startSpan(`status ${name}`, {}, ROOT_CONTEXT);
  span.setStatus({ code, ...(name === 'error' ? { message: 'broken' } : {}) });
  span.end();
}

const typed = tracer.startSpan('typed', { attributes: { given: 'at the start' } }, ROOT_CONTEXT);
typed.setAttribute('string', 'text');
typed.setAttributes({
  yes: true,
  double: 1.5,
  int: -9007199254740991,
  list: ['a', 'b'],
  'schlüssel.鍵': 'Übergröße 👍',
  nothing: null,
  undefined,
});
typed.addLink({ context: { ...remote, spanId: '2'.repeat(16) } });
typed.addEvent('first', { n: 1 });
typed.addEvent('second');
typed.recordException(new TypeError('broken'));
typed.end();
const links = ['0', '1'].map((digit) => ({ context: { ...remote, spanId: digit.padStart(16, '1') }, attributes: { digit } }));
const linked = tracer.startSpan('linked', { links }, ROOT_CONTEXT);
linked.addLink({ context: { ...remote, spanId: '2'.repeat(16) } });
linked.end();
root.end();

const flushing = provider.getDelegate ? provider.getDelegate() : provider;
flushing.forceFlush().then(() => {
  require('node:fs').writeSync(1, `${JSON.stringify(said)}\n`);
  // From outside: process.kill() would send what is left.
  require('node:child_process').execFileSync('kill', ['-KILL', String(process.pid)]);
});
