// Spans as bytes: what comes out is encoded to the same protobuf as what went in.
import { type Attributes, type Link, ROOT_CONTEXT, SpanKind, SpanStatusCode, TraceFlags, trace } from '@opentelemetry/api';
import { TraceState } from '@opentelemetry/core';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { randomSpanId, randomTraceId } from '../../../src/context/random-id.js';
import { joinRecording, type TraceRecording } from '../../../src/context/trace-recording.js';
import { encodeSpans } from '../../../src/export/span-encoder.js';
import { NO_BLOCK } from '../../../src/sdk/recorder/byte-chains.js';
import { PackedSpans } from '../../../src/sdk/recorder/packed-spans.js';
import { CompletedSpan, SpanShape } from '../../../src/sdk/trace/completed-span.js';
import { ConstantAttributes } from '../../../src/sdk/trace/constant-attributes.js';
import { RecordedSpan } from '../../../src/sdk/trace/recorded-span.js';
import { runRecorder } from './recorder-run.ts';

const text = fc.oneof(fc.string({ unit: 'binary', maxLength: 60 }), fc.string({ maxLength: 700 }));
const value = fc.oneof(
  text,
  fc.double(),
  fc.integer(),
  fc.nat(),
  fc.boolean(),
  fc.array(fc.oneof(fc.constant(null), fc.constant(undefined), text)),
  fc.array(fc.double()),
);
const attributes: fc.Arbitrary<Attributes> = fc.dictionary(fc.string({ minLength: 1, maxLength: 20 }), value, { maxKeys: 8 });
const link: fc.Arbitrary<Link> = fc.record({
  context: fc.record({
    traceId: fc.constant(randomTraceId()),
    spanId: fc.constant(randomSpanId()),
    traceFlags: fc.constantFrom(0, 1, 3),
    isRemote: fc.boolean(),
  }),
  attributes,
});
const started = fc.record({
  name: text,
  kind: fc.constantFrom(...[0, 1, 2, 3, 4]),
  given: fc.boolean(),
  parent: fc.constantFrom('none', 'local', 'remote', 'foreign'),
  constants: fc.boolean(),
  attributes,
  events: fc.array(fc.record({ name: text, attributes }), { maxLength: 3 }),
  links: fc.array(link, { maxLength: 2 }),
  status: fc.constantFrom(undefined, { code: SpanStatusCode.OK }, { code: SpanStatusCode.ERROR, message: 'why' }),
});
const CONSTANTS = new ConstantAttributes({ 'db.system.name': 'postgresql', 'server.port': 5432 });
const START = 1_790_000_000_000;

class Owner implements TraceRecording {
  readonly traceId: string;
  state: TraceRecording['state'] = 'recorded';
  notes = 0;
  root: ReadableSpan | undefined = undefined;
  lastParentId: string | undefined = undefined;
  firstBlock = NO_BLOCK;
  lastBlock = NO_BLOCK;
  lastUsed = 0;

  constructor(traceId: string) {
    this.traceId = traceId;
  }

  keep(): boolean {
    return false;
  }
}

function parentOf(kind: string, traceId: string) {
  if (kind === 'none') return ROOT_CONTEXT;
  const traceState = kind === 'foreign' ? new TraceState('vendor=1') : undefined;
  const spanContext = { traceId, spanId: randomSpanId(), traceFlags: TraceFlags.SAMPLED, isRemote: kind !== 'local' };
  return trace.setSpanContext(ROOT_CONTEXT, traceState === undefined ? spanContext : { ...spanContext, traceState });
}

test('a span that was started and has ended comes out as it went in', () => {
  const { tracer } = runRecorder({ share: 1 });
  fc.assert(
    fc.property(started, fc.boolean(), (given, isRoot) => {
      const traceId = randomTraceId();
      const constants = given.constants ? { attributes: CONSTANTS.values, constants: CONSTANTS } : {};
      const options = { kind: given.kind, links: given.links, ...constants };
      const times = given.given ? { startTime: START } : {};
      const span = tracer.startSpan(given.name, { ...options, ...times }, parentOf(given.parent, traceId));
      if (!(span instanceof RecordedSpan)) throw new Error('expected a span of ours');
      span.setAttributes(given.attributes);
      for (const event of given.events) span.addEvent(event.name, event.attributes, START + 1);
      if (given.status !== undefined) span.setStatus(given.status);
      if (given.given) span.end(START + 2.5);
      else span.end();
      const packed = new PackedSpans(1_000_000);
      const owner = new Owner(span.spanContext().traceId);
      if (isRoot) owner.root = span;
      const length = packed.pack(span, owner);
      expect(length).toBeGreaterThan(0);
      packed.append(owner, length);
      const { spans, root } = packed.restore(owner, owner);
      expect(root !== undefined).toBe(isRoot);
      expect(spans).toHaveLength(1);
      owner.state = 'kept';
      for (const each of spans) joinRecording(each.spanContext(), owner);
      expect(Buffer.from(encodeSpans(spans)).equals(Buffer.from(encodeSpans([span])))).toBe(true);
      expect(spans[0]?.attributes).toEqual(span.attributes);
      expect(spans[0]?.duration).toEqual(span.duration);
    }),
    { numRuns: 300 },
  );
});

test('one that was made at its end does too', () => {
  const { tracer } = runRecorder({ share: 1 });
  const above = tracer.startSpan('above', {}, ROOT_CONTEXT);
  if (!(above instanceof RecordedSpan)) throw new Error('expected a span of ours');
  const shape = new SpanShape('get', SpanKind.CLIENT, CONSTANTS);
  const spans: ReadableSpan[] = [undefined, { rows: 3, ratio: 0.5 }].map(
    (own) => new CompletedSpan(above.host, shape, own, above.spanContext(), randomSpanId(), START + 0.25, 1.5),
  );
  const packed = new PackedSpans(1_000_000);
  const owner = new Owner(above.spanContext().traceId);
  for (const span of spans) packed.append(owner, packed.pack(span, owner));
  expect(Buffer.from(encodeSpans(packed.restore(owner, owner).spans)).equals(Buffer.from(encodeSpans(spans)))).toBe(true);
});

test('of more statements than are numbered, those that found no number too', () => {
  const { tracer } = runRecorder({ share: 1 });
  const above = tracer.startSpan('above', {}, ROOT_CONTEXT);
  if (!(above instanceof RecordedSpan)) throw new Error('expected a span of ours');
  const spans = Array.from({ length: 3_000 }, (_, index) => {
    const constants = new ConstantAttributes({ 'db.query.text': `SELECT ? AS a${index}`, 'server.port': 5432 });
    return new CompletedSpan(
      above.host,
      new SpanShape('SELECT', SpanKind.CLIENT, constants),
      undefined,
      above.spanContext(),
      randomSpanId(),
      START,
      1,
    );
  });
  const packed = new PackedSpans(1_000_000);
  const owner = new Owner(above.spanContext().traceId);
  for (const span of spans) {
    const length = packed.pack(span, owner);
    expect(length).toBeGreaterThan(0);
    packed.append(owner, length);
  }
  expect(Buffer.from(encodeSpans(packed.restore(owner, owner).spans)).equals(Buffer.from(encodeSpans(spans)))).toBe(true);
});

//  above ─ get ─ …      three parents in turn; the id of `get` is made when it is sent
//  other ─ get ─ …
test('a parent is written once for the spans that follow one another below it, an id only where it was told', () => {
  const { tracer } = runRecorder({ share: 1 });
  const above = tracer.startSpan('above', {}, ROOT_CONTEXT);
  const other = tracer.startSpan('other', {}, trace.setSpan(ROOT_CONTEXT, above));
  if (!(above instanceof RecordedSpan)) throw new Error('expected a span of ours');
  const shape = new SpanShape('get', SpanKind.CLIENT, CONSTANTS);
  const packed = new PackedSpans(1_000_000);
  const owner = new Owner(above.spanContext().traceId);
  const parents = [above, above, other, other, above].map((span) => span.spanContext());
  const lengths = parents.map((parent) => {
    const span = new CompletedSpan(above.host, shape, undefined, parent, undefined, START, 1);
    const length = packed.pack(span, owner);
    expect(span.knownSpanId).toBeUndefined();
    packed.append(owner, length);
    return length;
  });
  const [first = 0, second = 0] = lengths;
  expect(second).toBe(first - 8);
  expect(lengths).toEqual([first, second, first, second, first]);
  const { spans } = packed.restore(owner, owner);
  expect(spans.map(({ parentSpanContext }) => parentSpanContext?.spanId)).toEqual(parents.map(({ spanId }) => spanId));
  const ids = spans.map((span) => span.spanContext().spanId);
  expect(new Set(ids).size).toBe(spans.length);
  expect(spans.map((span) => span.spanContext().spanId)).toEqual(ids);
});

test('what is too large is not packed', () => {
  const { start } = runRecorder({ share: 1 });
  const span = start('large').setAttribute('text', 'x'.repeat(20_000));
  span.end();
  if (!(span instanceof RecordedSpan)) throw new Error('expected a span of ours');
  expect(new PackedSpans(1_000_000).pack(span, new Owner(span.spanContext().traceId))).toBe(0);
});

test('more texts than find room in the vocabulary come out all the same', () => {
  const { start } = runRecorder({ share: 1 });
  const packed = new PackedSpans(4_000_000);
  const root = start('root');
  const owner = new Owner(root.spanContext().traceId);
  const names = Array.from({ length: 6000 }, (_, index) => `operation ${index}`);
  for (const name of names) {
    const span = start(name, root);
    span.end();
    if (span instanceof RecordedSpan) packed.append(owner, packed.pack(span, owner));
  }
  expect(packed.restore(owner, owner).spans.map(({ name }) => name)).toEqual(names);
});
