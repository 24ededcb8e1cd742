// Rows of the sections Traces, Baggage and Context Propagation, and the export of spans.
//
//   root (SERVER)
//   ├─ child of the active span
//   └─ child by context
//   below a remote parent; marked active; a root all the same; parent as an option; renamed; timed; status *; typed; linked
import { beforeAll, expect, test } from 'vitest';
import { type Conformance, named, runConformance } from './conformance-run.ts';

interface Said {
  activeBefore: boolean;
  active: boolean;
  marked: boolean;
  valid: boolean[];
  remote: boolean[];
  baggage: string;
  written: Record<string, string>;
  fields: string[];
  setter: boolean;
  getter: boolean;
  context: unknown[];
  current: boolean;
  recording: boolean[];
}

let run: Conformance<Said>;
beforeAll(async () => {
  run = await runConformance<Said>('traces');
});
const span = (name: string) => named(run, name);
const parentOf = (name: string) => span(name).parentSpanId;
/** The attribute as it is on the wire. */
const wired = (key: string) => {
  const all: { key: string; value: object }[] = [];
  JSON.stringify(
    run.requests.map(({ body }) => body),
    (_key, value) => {
      if (typeof value === 'object' && value !== null && 'key' in value && 'value' in value) all.push(value);
      return typeof value === 'bigint' ? String(value) : value;
    },
  );
  return all.find((attribute) => attribute.key === key)?.value;
};

test('Create TracerProvider', () => expect(run.store.spans.length).toBeGreaterThan(10));
test('Get a Tracer', () => expect(span('root').scope.name).toBe('conformance'));
test('Get a Tracer with schema_url', () => expect(run.requests[0]?.bytes.includes('https://example.com/schemas/1')).toBe(true));
test('Associate Tracer with InstrumentationScope', () =>
  expect(span('root').scope).toMatchObject({ name: 'conformance', version: '1.2.3' }));
test('ForceFlush (SDK only required)', () => expect([run.exit.signal, run.store.spans.length > 10]).toEqual(['SIGKILL', true]));
test('Built-in `SpanProcessor`s implement `ForceFlush` spec', () =>
  expect([run.exit.signal, run.store.spans.length > 10]).toEqual(['SIGKILL', true]));
test('Get active Span', () => expect([run.said.activeBefore, run.said.active]).toEqual([true, true]));
test('Set active Span', () => expect(run.said.active).toBe(true));
test('Mark Span active', () => expect(run.said.marked).toBe(true));
test('Create a new Span', () => expect(span('root')).toMatchObject({ kind: 'SERVER', status: { code: 'UNSET' } }));
test('IsValid', () => expect(run.said.valid).toEqual([true, false]));
test('IsRemote', () => expect(run.said.remote).toEqual([true, false]));

test('Create root span', () => expect([parentOf('root'), parentOf('a root all the same')]).toEqual(['', '']));
test('Create with default parent (active span)', () => expect(parentOf('child of the active span')).toBe(span('root').spanId));
test('Create with parent from Context', () => expect(parentOf('child by context')).toBe(span('root').spanId));
test('No explicit parent Span/SpanContext allowed', () => expect(parentOf('parent as an option')).toBe(''));
test('UpdateName', () => expect(run.store.spans.map(({ name }) => name)).not.toContain('named'));
test('User-defined start timestamp', () => expect(span('timed').startTimeUnixNano).toBe(1_700_000_000_000_000_000n));
test('End', () => expect(run.store.spans.filter(({ name }) => name === 'renamed')).toHaveLength(1));
test('End with timestamp', () => expect(span('timed').endTimeUnixNano).toBe(1_700_000_001_500_000_000n));
test('IsRecording', () => expect(run.said.recording[0]).toBe(true));
test('IsRecording becomes false after End', () => expect([run.said.recording[1], span('renamed').attributes]).toEqual([false, {}]));
test('Set status with StatusCode (Unset, Ok, Error)', () =>
  expect(['unset', 'ok', 'error'].map((name) => span(`status ${name}`).status)).toEqual([
    { code: 'UNSET', message: '' },
    { code: 'OK', message: '' },
    { code: 'ERROR', message: 'broken' },
  ]));

test('SetAttribute', () => expect(span('typed').attributes).toMatchObject({ given: 'at the start', string: 'text' }));
test('String type', () => expect(wired('string')).toMatchObject({ stringValue: 'text' }));
test('Boolean type', () => expect(wired('yes')).toMatchObject({ boolValue: true }));
test('Double floating-point type', () => expect(wired('double')).toMatchObject({ doubleValue: 1.5 }));
test('Signed int64 type', () => expect(String(Object.values(wired('int') ?? {}))).toBe('-9007199254740991'));
test('Array of primitives (homogeneous)', () => expect(span('typed').attributes['list']).toEqual(['a', 'b']));
test('`null` values documented as invalid/undefined', () =>
  expect(Object.keys(span('typed').attributes).filter((key) => ['nothing', 'undefined'].includes(key))).toEqual([]));
test('Unicode support for keys and string values', () => expect(span('typed').attributes['schlüssel.鍵']).toBe('Übergröße 👍'));

const linksOf = (name: string) => span(name).links.map(({ spanId }) => spanId.slice(-1));
test('Links can be recorded on span creation', () => expect(span('linked').links[0]?.attributes).toEqual({ digit: '0' }));
test('Links can be recorded after span creation', () => expect(linksOf('typed')).toEqual(['2']));
test('Links order is preserved', () => expect(linksOf('linked')).toEqual(['0', '1', '2']));
test('AddEvent', () => expect(span('typed').events[0]).toMatchObject({ name: 'first', attributes: { n: 1 } }));
test('Add order preserved', () => expect(span('typed').events.map(({ name }) => name)).toEqual(['first', 'second', 'exception']));
test('RecordException', () => expect(span('typed').events[2]?.attributes).toMatchObject({ 'exception.type': 'TypeError' }));

test('Basic support', () => expect(run.said.baggage).toBe('value'));
test('Use official header name `baggage`', () => expect(run.said.written['baggage']).toBe('key=a%20b'));

test('Create Context Key', () => expect(run.said.context[0]).toBe(7));
test('Get value from Context', () => expect(run.said.context[0]).toBe(7));
test('Set value for Context', () => expect(run.said.context.slice(0, 2)).toEqual([7, null]));
test('Get current Context', () => expect(run.said.current).toBe(true));
test('Composite Propagator', () => expect(Object.keys(run.said.written)).toEqual(expect.arrayContaining(['traceparent', 'baggage'])));
test('Global Propagator', () => expect(run.said.written['traceparent']).toBe(`00-${span('root').traceId}-${span('root').spanId}-03`));
test('TraceContext Propagator', () =>
  expect(span('below a remote parent')).toMatchObject({ traceId: 'a'.repeat(32), parentSpanId: 'b'.repeat(16) }));
test('TextMapPropagator', () => expect([run.said.baggage, run.said.written['baggage']]).toEqual(['value', 'key=a%20b']));
test('Fields', () => expect(run.said.fields).toEqual(expect.arrayContaining(['traceparent', 'tracestate', 'baggage'])));
test('Setter argument', () => expect(run.said.setter).toBe(true));
test('Getter argument', () => expect(run.said.getter).toBe(true));

test('Honors the user agent spec', () =>
  expect(new Set(run.requests.map(({ headers }) => headers['user-agent']))).toEqual(
    new Set([expect.stringMatching(/^sietch-otel-node\/\d+\.\d+\.\d+$/)]),
  ));

test('SchemaURL in ResourceSpans and ScopeSpans', () =>
  expect(run.requests[0]?.bytes.includes('https://example.com/schemas/1')).toBe(true));
