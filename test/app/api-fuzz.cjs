// Calls every method of the OpenTelemetry API, as an app gets it, with arguments that are wrong in every way; now and then a proper span, log record
// and measurement, which must arrive. Sends { calls, throws, neighbours } by message when it is done and everything is sent; ends by SIGTERM.
//
// Usage: FUZZ_CALLS=3000 FUZZ_SEED=1 node --require @sietch/otel/register test/app/api-fuzz.cjs
const { EventEmitter } = require('node:events');
const { IncomingMessage, ServerResponse } = require('node:http');
const api = require('@opentelemetry/api');
const { logs } = require('@opentelemetry/api-logs');
const { getTraceHeaders, getTraceLogFields, injectTraceHeaders, TraceContext, traceMiddleware } = require('@sietch/otel');

const CALLS = Number(process.env.FUZZ_CALLS);
/** A neighbour after so many calls. */
const EVERY = 50;

let state = Number(process.env.FUZZ_SEED) >>> 0;
/** mulberry32: below `below`, the same for the same seed. */
function random(below) {
  state = (state + 0x6d2b79f5) >>> 0;
  let t = Math.imul(state ^ (state >>> 15), 1 | state);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) % below;
}
const one = (list) => list[random(list.length)];

const thrower = () => {
  throw new Error('looked at');
};
const TRAPS = 'get set has ownKeys getPrototypeOf getOwnPropertyDescriptor defineProperty deleteProperty isExtensible'.split(' ');
const hostileProxy = (target) => new Proxy(target, Object.fromEntries(TRAPS.map((trap) => [trap, thrower])));
function revoked(target) {
  const { proxy, revoke } = Proxy.revocable(target, {});
  revoke();
  return proxy;
}
const getter = (...names) =>
  Object.defineProperties({}, Object.fromEntries(names.map((name) => [name, { get: thrower, enumerable: true }])));
function cyclic() {
  const object = { own: 1 };
  object.self = object;
  return object;
}
class OwnDate extends Date {
  getTime() {
    return thrower();
  }
}
class OwnList extends Array {
  slice() {
    return thrower();
  }
  [Symbol.iterator]() {
    return thrower();
  }
}
const NAMES = [
  'context',
  'attributes',
  'kind',
  'links',
  'startTime',
  'root',
  'traceId',
  'code',
  'message',
  'name',
  'stack',
  'body',
  'unit',
  'advice',
];

/** What no type allows. */
const VALUES = [
  () => undefined,
  () => null,
  () => true,
  () => 0,
  () => -1,
  () => 1.5,
  () => Number.NaN,
  () => Number.POSITIVE_INFINITY,
  () => 1e300,
  () => 2 ** 63,
  () => 10n,
  () => '',
  () => 'now',
  () => '__proto__',
  () => '\ud800 \u0000',
  () => 'x'.repeat(random(20) === 0 ? 100_000 : 300),
  () => Symbol('s'),
  () => Symbol.iterator,
  () => [],
  () => [1, 'x', null],
  () => [1, undefined],
  () => [Number.NaN, 1],
  () => [-5, 3],
  () => [1e300, 1e300],
  () => [Symbol('s')],
  () => Object.assign([], { length: 4_000_000_000 }),
  () => OwnList.from([1, 2]),
  () => ({}),
  () => Object.create(null),
  () => Object.freeze({ a: 1, b: 'x' }),
  () => JSON.parse('{"__proto__": [1], "a": {"b": [null, {"c": 1}]}}'),
  () => ({ a: 1n, b: Symbol('s'), c: () => 1, d: undefined, e: null, f: new Date(), g: new Map([[1, 2]]), h: new Error('e') }),
  () => ({ toString: thrower, valueOf: thrower, toJSON: thrower, [Symbol.toPrimitive]: thrower }),
  () => ({ serialize: thrower, spanContext: thrower, getValue: thrower, setValue: thrower, deleteValue: thrower }),
  () => ({ spanContext: () => null, getValue: () => null, setValue: () => null, deleteValue: () => null }),
  () => getter(...NAMES),
  () => getter(one(NAMES), one(NAMES)),
  () => Object.fromEntries(NAMES.map((name) => [name, name.length])),
  () => Object.fromEntries(NAMES.map((name) => [name, cyclic()])),
  () => Object.fromEntries(NAMES.map((name) => [name, 'x'])),
  () => cyclic(),
  () => hostileProxy({}),
  () => hostileProxy([]),
  () => hostileProxy(() => 1),
  () => revoked({}),
  () => revoked([]),
  () => new Date(),
  () => new Date(Number.NaN),
  () => new OwnDate(),
  () => process.hrtime(),
  () => new Uint8Array(3),
  () => new Error('e'),
  () => Object.assign(new Error(), { message: 5, name: {}, stack: [], code: { toString: thrower } }),
  () => class {},
  () => () => 1,
  () => globalThis,
  () => api.ROOT_CONTEXT,
  () => api.trace.setSpan(api.ROOT_CONTEXT, one([null, 'span', {}, { spanContext: thrower }, { spanContext: () => null }])),
  () => api.trace.setSpanContext(api.ROOT_CONTEXT, { traceId: 'x', spanId: 5, traceFlags: 'y' }),
  () =>
    api.trace.setSpanContext(api.ROOT_CONTEXT, {
      traceId: 'a'.repeat(32),
      spanId: 'B'.repeat(16),
      traceFlags: 1,
      traceState: { serialize: thrower },
    }),
  () =>
    api.propagation.setBaggage(
      api.ROOT_CONTEXT,
      one([null, 'baggage', {}, { getEntry: thrower, setEntry: thrower, getAllEntries: thrower }]),
    ),
  () => [
    { context: { traceId: 'x', spanId: 'y', traceFlags: 1 } },
    null,
    5,
    { context: { traceId: 'c'.repeat(32), spanId: 'd'.repeat(16), traceFlags: {} } },
  ],
  () => ({ kind: 'server', startTime: 'now', links: null, attributes: 'none', root: 'yes' }),
  () => ({ kind: 77, startTime: [1, 2, 3], links: { length: 3 }, attributes: [1] }),
  () => ({
    severityNumber: 'x',
    severityText: {},
    timestamp: 'now',
    body: cyclic(),
    attributes: { a: cyclic(), b: () => 1 },
    eventName: 5,
    context: 'x',
  }),
  () => ({
    severityNumber: 99,
    timestamp: [Number.NaN, 0],
    body: hostileProxy({}),
    attributes: hostileProxy({}),
    exception: hostileProxy({}),
  }),
  () => ({ unit: Symbol('u'), description: {}, valueType: 'x', advice: { explicitBucketBoundaries: [3, 'x', Number.NaN] } }),
];
const odd = () => one(VALUES)();
/** What is a function is called, and what it throws is the app's. */
function oddButNoFunction() {
  const value = odd();
  return typeof value === 'function' ? oddButNoFunction() : value;
}
const textOrOdd = () => (random(3) === 0 ? odd() : `n${random(20)}`);

const pool = { spans: [], instruments: [], observables: [] };
const keep = (list, item) => {
  list[list.length < 30 ? list.length : random(30)] = item;
  return item;
};
const tracer = () => api.trace.getTracer('fuzz');
const meter = () => api.metrics.getMeter('fuzz');
const span = () => (pool.spans.length === 0 ? keep(pool.spans, tracer().startSpan('fuzz')) : one(pool.spans));
/** A callback of an observable instrument, which observes what it should not. */
const observe = (result) => {
  try {
    result.observe(odd(), odd(), odd());
    result.observe(odd(), odd());
  } catch (error) {
    throws.push({ call: 'result.observe', error: described(error) });
  }
};
const carrier = () => one([odd(), { traceparent: odd(), tracestate: odd(), baggage: odd(), 'x-trace-id': odd() }]);
const accessor = () =>
  one([undefined, { get: thrower, set: thrower, keys: thrower }, { get: () => odd(), set: () => odd(), keys: () => odd() }]);
const within = (context, work) => api.context.with(context, work);
/** What instrumentations do in the active context. */
function lookAround() {
  getTraceLogFields();
  getTraceHeaders();
  const current = TraceContext.current();
  const seen = [current.traceId, current.spanId, current.sampled, current.correlationId, current.logFields()];
  tracer().startSpan('inside', { kind: 1 }).end();
  api.propagation.inject(api.context.active(), {});
  return seen;
}

const CALLED = {
  getTracer: () => keep(pool.spans, api.trace.getTracer(odd(), odd(), odd()).startSpan('of odd tracer')),
  startSpan: () => keep(pool.spans, tracer().startSpan(textOrOdd(), odd(), one([undefined, odd()]))),
  startSpanWith: () => keep(pool.spans, tracer().startSpan(textOrOdd(), { [one(NAMES)]: odd(), [one(NAMES)]: odd() })),
  startSpanAt: () => keep(pool.spans, tracer().startSpan('timed', { startTime: odd() })),
  startActiveSpan: () => tracer().startActiveSpan(textOrOdd(), oddButNoFunction(), oddButNoFunction(), () => lookAround()),
  startActiveSpan2: () => tracer().startActiveSpan(textOrOdd(), oddButNoFunction(), () => lookAround()),
  startActiveSpan1: () => tracer().startActiveSpan(textOrOdd(), one([undefined, null, 5, 'x', {}])),
  setAttribute: () => span().setAttribute(textOrOdd(), odd()),
  setAttributes: () => span().setAttributes(odd()),
  setAttributesOf: () => span().setAttributes({ good: 1, odd: odd(), good2: 'x' }),
  addEvent: () => span().addEvent(textOrOdd(), odd(), odd()),
  addEventOf: () => span().addEvent('event', { odd: odd() }, odd()),
  addLink: () => span().addLink(one([odd(), { context: odd(), attributes: odd() }])),
  addLinks: () => span().addLinks(one([odd(), [odd(), { context: odd() }]])),
  setStatus: () => span().setStatus(one([odd(), { code: odd(), message: odd() }, { code: 2, message: odd() }])),
  updateName: () => span().updateName(textOrOdd()),
  recordException: () => span().recordException(odd(), odd()),
  isRecording: () => span().isRecording(),
  spanContext: () => span().spanContext(),
  end: () => span().end(odd()),
  endNew: () => keep(pool.spans, tracer().startSpan(textOrOdd())).end(odd()),
  getMeter: () => api.metrics.getMeter(textOrOdd(), odd(), odd()).createCounter('of odd meter').add(1),
  createCounter: () => keep(pool.instruments, meter().createCounter(textOrOdd(), odd())),
  createUpDownCounter: () => keep(pool.instruments, meter().createUpDownCounter(textOrOdd(), odd())),
  createHistogram: () => keep(pool.instruments, meter().createHistogram(textOrOdd(), odd())),
  createGauge: () => keep(pool.instruments, meter().createGauge(textOrOdd(), odd())),
  createObservableCounter: () => keep(pool.observables, meter().createObservableCounter(textOrOdd(), odd())),
  createObservableGauge: () => keep(pool.observables, meter().createObservableGauge(textOrOdd(), odd())),
  createObservableUpDownCounter: () => keep(pool.observables, meter().createObservableUpDownCounter(textOrOdd(), odd())),
  measure: () => measure(odd(), odd(), odd()),
  measureNumber: () => measure(random(5), one([odd(), { a: odd(), b: odd() }]), one([undefined, odd()])),
  addCallback: () => one([...pool.observables, meter().createObservableGauge('g')]).addCallback(one([odd(), observe])),
  removeCallback: () => one([...pool.observables, meter().createObservableGauge('g')]).removeCallback(one([odd(), observe])),
  addBatch: () => meter().addBatchObservableCallback(one([odd(), observe]), one([odd(), [odd(), ...pool.observables]])),
  removeBatch: () => meter().removeBatchObservableCallback(one([odd(), observe]), one([odd(), [odd(), ...pool.observables]])),
  getLogger: () => logs.getLogger(textOrOdd(), odd(), odd()).emit({ body: 'of odd logger' }),
  emit: () => logs.getLogger('fuzz').emit(odd()),
  emitOf: () =>
    logs.getLogger('fuzz').emit({ body: odd(), attributes: odd(), severityNumber: odd(), severityText: odd(), timestamp: odd() }),
  emitIn: () => logs.getLogger('fuzz').emit({ body: 'x', context: odd(), eventName: odd(), exception: odd(), observedTimestamp: odd() }),
  enabled: () => logs.getLogger('fuzz').enabled(odd()),
  inject: () => api.propagation.inject(odd(), carrier(), accessor()),
  extract: () => within(api.propagation.extract(odd(), carrier(), accessor()), lookAround),
  fields: () => api.propagation.fields(),
  with: () => within(odd(), lookAround),
  withNothing: () => within(odd(), one([undefined, null, 5, 'x', {}])),
  bind: () => api.context.bind(odd(), one([odd(), new EventEmitter(), Object.freeze(new EventEmitter())])),
  bound: () => api.context.bind(odd(), lookAround)(),
  active: () => api.context.active(),
  fromHeaders: () => TraceContext.fromHeaders(carrier()).run(lookAround),
  create: () => TraceContext.create().run(lookAround),
  run: () => documented(() => TraceContext.current().run(one([undefined, null, 5, {}]))),
  injectTraceHeaders: () => documented(() => injectTraceHeaders(odd())),
  middleware: () => traceMiddleware()(odd(), odd(), lookAround),
  middlewareOf: () => traceMiddleware()(new IncomingMessage(null), one([odd(), new ServerResponse({ method: 'GET' })]), lookAround),
  diag: () => api.diag.warn(odd(), odd()),
};

function measure(...args) {
  const instrument = one([...pool.instruments, meter().createCounter('c')]);
  return (instrument.add ?? instrument.record).apply(instrument, args);
}
/** A class of our own says what it expected. */
function documented(call) {
  try {
    return call();
  } catch (error) {
    if (!(error instanceof TypeError && /^Expected `\w+` to be /.test(error.message))) throw error;
    return undefined;
  }
}
function described(error) {
  try {
    return String(error.stack).split('\n').slice(0, 6).join(' | ');
  } catch {
    return typeof error;
  }
}

const throws = [];
let neighbours = 0;
const neighbourCounter = api.metrics.getMeter('neighbours').createCounter('neighbours');
const neighbourHistogram = api.metrics.getMeter('neighbours').createHistogram('neighbour.sizes');
api.metrics
  .getMeter('neighbours')
  .createObservableGauge('neighbours.observed')
  .addCallback((result) => result.observe(neighbours, { kind: 'observed' }));

function neighbour() {
  const number = ++neighbours;
  const proper = api.trace.getTracer('neighbours').startSpan(`neighbour ${number}`, { attributes: { number } }, api.ROOT_CONTEXT);
  proper.addEvent('proper', { number });
  proper.end();
  logs.getLogger('neighbours').emit({ body: `neighbour ${number}`, attributes: { number } });
  neighbourCounter.add(1, { kind: 'counted' });
  neighbourHistogram.record(1, { kind: 'recorded' });
}

async function main() {
  const names = Object.keys(CALLED);
  for (let call = 1; call <= CALLS; call++) {
    const name = one(names);
    try {
      CALLED[name]();
    } catch (error) {
      throws.push({ call: name, error: described(error) });
    }
    if (call % EVERY === 0) neighbour();
    // Exports and callbacks are to run among the calls.
    if (call % 200 === 0) await new Promise((resolve) => setTimeout(resolve, 20));
  }
  process.send?.({ calls: CALLS, throws: throws.slice(0, 20), thrown: throws.length, neighbours });
}

process.on('unhandledRejection', (error) => throws.push({ call: 'unhandled rejection', error: described(error) }));
process.on('uncaughtException', (error) => throws.push({ call: 'uncaught exception', error: described(error) }));
void main();
const stay = setInterval(() => {}, 60_000);
process.once('SIGTERM', () => {
  clearInterval(stay);
  process.disconnect?.();
});
