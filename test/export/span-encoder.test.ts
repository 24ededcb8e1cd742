// Our encoder of spans against upstream's: what a collector reads must be the same.
import {
  type Attributes,
  createTraceState,
  type Link,
  ROOT_CONTEXT,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  TraceFlags,
  trace,
} from '@opentelemetry/api';
import { ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { AlwaysOnSampler, type ReadableSpan, type SpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeSpans } from '../../src/export/span-encoder.js';
import { readTelemetry } from '../../src/view/otlp-telemetry.js';

const spans: ReadableSpan[] = [];
const keep: SpanProcessor = {
  onStart: () => {},
  onEnd: (span) => {
    spans.push(span);
  },
  forceFlush: async () => {},
  shutdown: async () => {},
};
const provider = new TracerProvider({
  spanProcessors: [keep],
  sampler: new AlwaysOnSampler(),
  resource: resourceFromAttributes({ 'service.name': 'encoder test', 'process.command_args': ['node', 'app.js'], 'process.pid': 7 }),
  spanLimits: { attributeCountLimit: 6, eventCountLimit: 2, linkCountLimit: 2, attributePerEventCountLimit: 2 },
});
const tracers = [provider.getTracer('first', '1.0.0'), provider.getTracer('second', undefined, { schemaUrl: 'https://example.org/1' })];

/** Texts that take every path: short, long, beyond ASCII, halves of surrogate pairs. */
const text = fc.oneof(
  fc.string({ maxLength: 60 }),
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.constantFrom('postgresql', 'SELECT', '', 'a'.repeat(39), 'é'.repeat(41), '\uD800', '日'.repeat(3000), 'x'.repeat(200)),
);
const number = fc.oneof(
  fc.integer(),
  fc.maxSafeInteger(),
  fc.double(),
  fc.constantFrom(-0, 2 ** 53, 2 ** 62, -(2 ** 63), 2 ** 63, 2 ** 32, 127, 128),
);
const key = fc.constantFrom('db.system.name', 'server.port', 'größe', 'k'.repeat(130), 'a', 'b', 'c');
const attributes: fc.Arbitrary<Attributes> = fc.dictionary(
  key,
  fc.oneof(text, number, fc.boolean(), fc.array(text, { maxLength: 3 }), fc.array(number)),
  {
    maxKeys: 8,
  },
);
const traceId = fc.stringMatching(/^[0-9a-f]{31}1$/);
const spanId = fc.stringMatching(/^[0-9a-f]{15}1$/);
const traceState = fc.constant(createTraceState('vendor=value'));
const remote = fc.record(
  { traceId, spanId, isRemote: fc.boolean(), traceFlags: fc.constantFrom(TraceFlags.NONE, TraceFlags.SAMPLED), traceState },
  { requiredKeys: ['traceId', 'spanId', 'traceFlags'] },
);
const link: fc.Arbitrary<Link> = fc.record({ context: remote, attributes });
/** Whole seconds around those whose nanoseconds cross the halves of 64 bits. */
const time = fc.tuple(fc.integer({ min: 1_600_000_000, max: 2_200_000_000 }), fc.integer({ min: 0, max: 999_999_999 }));

interface Recipe {
  tracer: number;
  name: string;
  kind: SpanKind;
  attributes: Attributes;
  links: Link[];
  events: { name: string; attributes: Attributes; time: [number, number] }[];
  parent: SpanContext | undefined;
  start: [number, number];
  status: { code: SpanStatusCode; message?: string };
}

const recipe: fc.Arbitrary<Recipe> = fc.record({
  tracer: fc.nat({ max: 1 }),
  name: text,
  kind: fc.constantFrom(SpanKind.INTERNAL, SpanKind.SERVER, SpanKind.CLIENT, SpanKind.PRODUCER, SpanKind.CONSUMER),
  attributes,
  links: fc.array(link, { maxLength: 3 }),
  events: fc.array(fc.record({ name: text, attributes, time }), { maxLength: 3 }),
  parent: fc.option(remote, { nil: undefined }),
  start: time,
  status: fc.constantFrom(
    { code: SpanStatusCode.UNSET },
    { code: SpanStatusCode.OK },
    { code: SpanStatusCode.ERROR },
    { code: SpanStatusCode.ERROR, message: 'SQLSTATE 57014' },
  ),
});

function makeSpan({ tracer, name, kind, attributes: given, links, events, parent, start, status }: Recipe): void {
  const context = parent === undefined ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, parent);
  const span = tracers[tracer]?.startSpan(name, { kind, attributes: given, links, startTime: start }, context);
  for (const event of events) span?.addEvent(event.name, event.attributes, event.time);
  span?.setStatus(status).end([start[0] + 3, start[1]]);
}

/** What a collector sees of the bytes. */
const read = (bytes: Uint8Array | undefined) => readTelemetry('traces', 'protobuf', Buffer.from(bytes ?? []));

describe('spans in protobuf', () => {
  test('are read as those of upstream are, whatever is in them', () => {
    fc.assert(
      fc.property(fc.array(recipe, { minLength: 1, maxLength: 12 }), (recipes) => {
        for (const each of recipes) makeSpan(each);
        const made = spans.splice(0);
        expect(made).toHaveLength(recipes.length);
        expect(read(encodeSpans(made))).toEqual(read(ProtobufTraceSerializer.serializeRequest(made)));
      }),
      { numRuns: 150 },
    );
  });

  test('may be many and large', () => {
    for (let index = 0; index < 3000; index++) {
      tracers[0]?.startSpan(`span ${index}`, { attributes: { index, text: 'x'.repeat(index), list: [index, index] } }, ROOT_CONTEXT).end();
    }
    const made = spans.splice(0);
    const bytes = encodeSpans(made);
    expect(bytes.length).toBeGreaterThan(4 * 1024 * 1024);
    expect(read(bytes)).toEqual(read(ProtobufTraceSerializer.serializeRequest(made)));
  });

  test('are encoded anew each time: what was returned is not written over', () => {
    tracers[0]?.startSpan('first', {}, ROOT_CONTEXT).end();
    const first = encodeSpans(spans.splice(0));
    tracers[0]?.startSpan('other', {}, ROOT_CONTEXT).end();
    encodeSpans(spans.splice(0));
    expect(read(first).spans.map(({ name }) => name)).toEqual(['first']);
  });

  test('that cannot be encoded leave nothing behind', () => {
    tracers[0]?.startSpan('good', {}, ROOT_CONTEXT).end();
    const [good] = spans.splice(0);
    if (good === undefined) throw new Error('no span');
    const bad: ReadableSpan = Object.create(good, {
      status: {
        get: () => {
          throw new Error('unreadable');
        },
      },
    });
    expect(() => encodeSpans([good, bad])).toThrow('unreadable');
    expect(read(encodeSpans([good])).spans).toHaveLength(1);
  });
});
