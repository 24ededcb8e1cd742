// Spans that are made when they are over, against spans that were started and ended: all that can be read of them, and what a collector reads.
import { createTraceState, ROOT_CONTEXT, type SpanContext, SpanKind, TraceFlags, trace } from '@opentelemetry/api';
import { ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { type ReadableSpan, type Sampler, SamplingDecision, type SpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { sizeOfSpan } from '../../../src/export/item-size.js';
import { encodeSpans } from '../../../src/export/span-encoder.js';
import { CompletedSpan, SpanShape } from '../../../src/sdk/trace/completed-span.js';
import { ConstantAttributes } from '../../../src/sdk/trace/constant-attributes.js';
import { createSampler, type KnownSampler } from '../../../src/sdk/trace/sampler.js';
import { SpanCounts } from '../../../src/sdk/trace/span-counts.js';
import type { SpanLimits } from '../../../src/sdk/trace/span-limits.js';
import { RecordingTracer } from '../../../src/sdk/trace/tracer.js';
import { giveOwnTracers } from '../../../src/sdk/trace/tracer-provider.js';
import { readTelemetry } from '../../../src/view/otlp-telemetry.js';

const PARENT: SpanContext = { traceId: '1'.repeat(32), spanId: '2'.repeat(16), traceFlags: TraceFlags.SAMPLED };

const LIMITS: SpanLimits = {
  ...{ attributeCountLimit: 5, attributeValueLengthLimit: 20, eventCountLimit: 128, linkCountLimit: 128 },
  ...{ attributePerEventCountLimit: 128, attributePerLinkCountLimit: 128 },
};
const PARENT_BASED = createSampler({ sampler: 'parentbased_always_on', samplerArgument: 1 });

function createTracer({ sampler, rule }: KnownSampler = PARENT_BASED, startsAll = false) {
  const ended: ReadableSpan[] = [];
  const resource = resourceFromAttributes({ 'service.name': 'completed' });
  const idGenerator = { generateSpanId: () => '3'.repeat(16), generateTraceId: () => '4'.repeat(32) };
  const processor: SpanProcessor = {
    onStart: () => {},
    onEnd: (span) => {
      ended.push(span);
    },
    forceFlush: async () => {},
    shutdown: async () => {},
  };
  const provider = new TracerProvider();
  giveOwnTracers(provider, {
    sampler,
    rule,
    resource,
    limits: LIMITS,
    idGenerator,
    processor,
    startsAll,
    blockedTime: undefined,
    counts: new SpanCounts(),
  });
  const tracer = provider.getTracer('test', '1.2.3');
  if (!(tracer instanceof RecordingTracer)) throw new Error('expected a tracer of ours');
  return { tracer, ended };
}

function shapeOf(values: Record<string, string | number>, name = 'get'): SpanShape {
  return new SpanShape(name, SpanKind.CLIENT, new ConstantAttributes(values));
}

function describeSpan(span: ReadableSpan): unknown {
  const { name, kind, status, attributes, events, links, startTime, endTime, duration, ended, parentSpanContext, resource } = span;
  const { droppedAttributesCount, droppedEventsCount, droppedLinksCount, instrumentationScope } = span;
  return {
    ...{ name, kind, status, attributes, events, links, startTime, endTime, duration, ended, instrumentationScope },
    ...{ droppedAttributesCount, droppedEventsCount, droppedLinksCount, resource: resource.attributes },
    ...{ context: describeContext(span.spanContext()), parent: describeContext(parentSpanContext) },
  };
}

const describeContext = (spanContext: SpanContext | undefined) =>
  spanContext && { ...spanContext, traceState: spanContext.traceState?.serialize() };

const read = (bytes: Uint8Array | undefined) => readTelemetry('traces', 'protobuf', Buffer.from(bytes ?? []));
/** Milliseconds and eighths of them, which are the same as seconds and nanoseconds. */
const eighths = (max: number) => fc.nat({ max: 8 * max }).map((count) => count / 8);

test('are what others are that were started and ended at the same moments', () => {
  fc.assert(
    fc.property(
      eighths(3_000).map((ms) => 1_790_000_000_000 + ms),
      eighths(5_000),
      fc.constantFrom(undefined, createTraceState('vendor=1')),
      fc.dictionary(fc.constantFrom('db.namespace', 'größe', 'server.port'), fc.oneof(fc.integer(), fc.string({ maxLength: 20 }))),
      fc.constantFrom('get', '', 'größe'),
      fc.option(fc.record({ rows: fc.nat() }), { nil: undefined }),
      (startMs, durationMs, traceState, values, name, own) => {
        const parent = traceState === undefined ? PARENT : { ...PARENT, traceState };
        const { tracer, ended } = createTracer();
        expect(tracer.complete(shapeOf({ ...values }, name), parent, startMs, durationMs, undefined, own)).toBe(true);
        const options = { kind: SpanKind.CLIENT, attributes: { ...values, ...own }, startTime: startMs };
        tracer.startSpan(name, options, trace.setSpanContext(ROOT_CONTEXT, parent)).end(startMs + durationMs);
        const [completed, usual] = ended;
        if (completed === undefined || usual === undefined) throw new Error('expected two spans');
        expect(completed).toBeInstanceOf(CompletedSpan);
        expect(usual).not.toBeInstanceOf(CompletedSpan);
        expect(describeSpan(completed)).toEqual(describeSpan(usual));
        expect(sizeOfSpan(completed)).toBe(sizeOfSpan(usual));
        expect(read(encodeSpans([completed]))).toEqual(read(ProtobufTraceSerializer.serializeRequest([usual])));
      },
    ),
    { numRuns: 200 },
  );
});

test('stand among others in one request', () => {
  const { tracer, ended } = createTracer();
  tracer.complete(shapeOf({ n: 1 }), PARENT, 1_790_000_000_000, 1);
  tracer.startSpan('usual', {}, ROOT_CONTEXT).end();
  tracer.complete(shapeOf({ n: 2 }), PARENT, 1_790_000_000_000, 1);
  expect(read(encodeSpans(ended)).spans.map(({ name }) => name)).toEqual(['get', 'usual', 'get']);
});

test('have the id that has been told already', () => {
  const { tracer, ended } = createTracer();
  tracer.complete(shapeOf({ n: 1 }), PARENT, 1_790_000_000_000, 1, '5'.repeat(16));
  expect(ended[0]?.spanContext()).toEqual({ ...PARENT, spanId: '5'.repeat(16) });
});

/** Of nobody's kind. */
const sampler: Sampler = { shouldSample: () => ({ decision: SamplingDecision.RECORD_AND_SAMPLED }), toString: () => 'Own' };
const appSampler: KnownSampler = { sampler, rule: undefined };

test.each([
  ['a sampler wants to be asked', appSampler, false, { n: 1 }],
  ['a text is over the limit', undefined, false, { text: 'x'.repeat(21) }],
  ['there are more attributes than the limit', undefined, false, { a: 1, b: 2, c: 3, d: 4, e: 5, f: 6 }],
  ['a processor wants to see spans before their end', undefined, true, { n: 1 }],
])('are not made when %s', (_, given, startsAll, values) => {
  const { tracer, ended } = createTracer(given, startsAll);
  expect(tracer.complete(shapeOf(values), PARENT, 1_790_000_000_000, 1)).toBe(false);
  expect(ended).toEqual([]);
});
