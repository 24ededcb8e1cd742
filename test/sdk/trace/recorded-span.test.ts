// Our tracer and its spans against the SDK's: the same calls on both, at the same moments, and all that can be read of them must be the same.
import {
  type Attributes,
  type Context,
  context,
  createTraceState,
  type Link,
  ROOT_CONTEXT,
  type Span,
  type SpanContext,
  SpanKind,
  type SpanOptions,
  SpanStatusCode,
  type TimeInput,
  TraceFlags,
  trace,
} from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { suppressTracing } from '@opentelemetry/core';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  ParentBasedSampler,
  type ReadableSpan,
  type Sampler,
  SamplingDecision,
  type Span as SdkSpan,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { ConstantAttributes, type ConstantOptions } from '../../../src/sdk/trace/constant-attributes.js';
import { RecordedSpan } from '../../../src/sdk/trace/recorded-span.js';
import { createSampler, type KnownSampler } from '../../../src/sdk/trace/sampler.js';
import { SpanCounts } from '../../../src/sdk/trace/span-counts.js';
import { giveOwnTracers } from '../../../src/sdk/trace/tracer-provider.js';

const limits = {
  attributeCountLimit: 5,
  attributeValueLengthLimit: 20,
  eventCountLimit: 2,
  linkCountLimit: 2,
  attributePerEventCountLimit: 2,
  attributePerLinkCountLimit: 1,
};
const resource = resourceFromAttributes({ 'service.name': 'spans' });
/** Records what it does not sample, and adds to what it is asked about. */
const recording: Sampler = {
  shouldSample: () => ({ decision: SamplingDecision.RECORD, attributes: { sampler: 'own' }, traceState: createTraceState('own=1') }),
  toString: () => 'RecordingSampler',
};
const parentBased = createSampler({ sampler: 'parentbased_always_on', samplerArgument: 1 });
const alwaysOn = createSampler({ sampler: 'always_on', samplerArgument: 1 });
const asked = (sampler: Sampler): KnownSampler => ({ sampler, rule: undefined });
const samplers: KnownSampler[] = [
  parentBased,
  asked(
    new ParentBasedSampler({
      root: new TraceIdRatioBasedSampler(0.5),
      localParentSampled: new AlwaysOffSampler(),
      localParentNotSampled: new AlwaysOnSampler(),
    }),
  ),
  createSampler({ sampler: 'always_off', samplerArgument: 1 }),
  createSampler({ sampler: 'traceidratio', samplerArgument: 0.5 }),
  asked(recording),
];

// The SDK's spans start on whole milliseconds; ours do not, which span-time.test.ts is about.
vi.mock(import('../../../src/sdk/trace/span-time.ts'), async (original) => ({ ...(await original()), epochMillis: () => Date.now() }));

let clockMs = 0;
const EPOCH_MS = 1_790_000_000_123;

beforeAll(() => {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  vi.spyOn(performance, 'now').mockImplementation(() => 5_000 + clockMs);
  vi.spyOn(Date, 'now').mockImplementation(() => EPOCH_MS + Math.trunc(clockMs));
});
afterAll(() => {
  context.disable();
  vi.restoreAllMocks();
});

/** A provider that tells what its processors see; with `own`, ours are its tracers. */
function createProvider({ sampler, rule }: KnownSampler, own: boolean) {
  const seen: unknown[] = [];
  let spanIds = 0;
  let traceIds = 0;
  const idGenerator = {
    generateSpanId: () => (++spanIds).toString(16).padStart(16, 'a'),
    generateTraceId: () => (++traceIds * 0x1111_1111).toString(16).padStart(32, '7'),
  };
  const processor = {
    onStart: (span: ReadableSpan, parent: Context) =>
      seen.push(['start', describeSpan(span), describeContext(trace.getSpanContext(parent))]),
    onEnding: (span: SdkSpan) => {
      span.setAttribute('ending', true);
      seen.push(['ending', describeSpan(span)]);
    },
    onEnd: (span: ReadableSpan) => seen.push(['end', describeSpan(span)]),
    forceFlush: async () => {},
    shutdown: async () => {},
  };
  const provider = new TracerProvider({ sampler, resource, spanLimits: limits, idGenerator, spanProcessors: [processor] });
  if (own)
    giveOwnTracers(provider, {
      sampler,
      rule,
      resource,
      limits,
      idGenerator,
      processor,
      startsAll: false,
      blockedTime: undefined,
      counts: new SpanCounts(),
    });
  return { tracer: provider.getTracer('test', '1.2.3', { schemaUrl: 'https://example.org' }), seen };
}

/** All that can be read, copied. */
function describeSpan(span: ReadableSpan): unknown {
  const { name, kind, status, attributes, events, links, startTime, endTime, duration, ended, parentSpanContext } = span;
  const { droppedAttributesCount, droppedEventsCount, droppedLinksCount, instrumentationScope } = span;
  const dropped = [droppedAttributesCount, droppedEventsCount, droppedLinksCount];
  const times = [startTime, endTime, duration];
  return structuredClone({
    ...{ name, kind, status, attributes, events, links: links.map(describeLink), times, ended, dropped, instrumentationScope },
    ...{ order: Object.keys(attributes), context: describeContext(span.spanContext()), parent: describeContext(parentSpanContext) },
    resource: span.resource === resource,
  });
}

const describeLink = ({ context: to, ...rest }: Link) => ({ ...rest, to: describeContext(to) });
const describeContext = (spanContext: SpanContext | undefined) =>
  spanContext && { ...spanContext, traceState: spanContext.traceState?.serialize() };

const text = fc.constantFrom('a', 'SELECT', '', 'longer than the limit of twenty');
/** JavaScript has no types: what is no attribute must be refused in the same way. */
const anyValue = fc.oneof(
  text,
  fc.integer(),
  fc.boolean(),
  fc.array(text, { maxLength: 2 }),
  fc.constantFrom(null, undefined, {}, () => {}, [1, 'x'], Symbol('s')),
);
const untyped = (value: unknown): never => value as never;
const key = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g', '');
const attributes = fc.dictionary(key, fc.oneof(text, fc.integer(), fc.array(text, { maxLength: 2 })), { maxKeys: 7 });
const spanContext: fc.Arbitrary<SpanContext> = fc.record({
  traceId: fc.constantFrom('1'.repeat(32), 'f'.repeat(32), 'no id'),
  spanId: fc.constantFrom('2'.repeat(16), '0'.repeat(16)),
  traceFlags: fc.constantFrom(TraceFlags.NONE, TraceFlags.SAMPLED),
  isRemote: fc.boolean(),
  traceState: fc.constant(createTraceState('vendor=1')),
});
/** Links to what has no id are not taken by ours: a collector would refuse the whole request. */
const link: fc.Arbitrary<Link> = fc.record({ context: spanContext.filter(({ traceId }) => traceId !== 'no id'), attributes });
const time: fc.Arbitrary<TimeInput | undefined> = fc.oneof(
  fc.constant(undefined),
  fc.integer({ min: EPOCH_MS - 5_000, max: EPOCH_MS + 5_000 }),
  fc.integer({ min: EPOCH_MS - 5_000, max: EPOCH_MS + 5_000 }).map((ms) => new Date(ms)),
  fc.tuple(fc.integer({ min: 1_789_999_990, max: 1_790_000_010 }), fc.integer({ min: 0, max: 999_999_999 })),
);

type Step = (span: Span) => unknown;
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.tuple(key, anyValue).map(
    ([name, value]): Step =>
      (span) =>
        span.setAttribute(name, untyped(value)),
  ),
  fc.dictionary(key, anyValue).map(
    (values): Step =>
      (span) =>
        span.setAttributes(untyped(values)),
  ),
  fc.tuple(text, attributes, time).map(
    ([name, values, at]): Step =>
      (span) =>
        span.addEvent(name, values, at),
  ),
  fc.tuple(text, time).map(
    ([name, at]): Step =>
      (span) =>
        span.addEvent(name, at),
  ),
  link.map(
    (to): Step =>
      (span) =>
        span.addLink(to),
  ),
  fc.array(link, { maxLength: 3 }).map(
    (to): Step =>
      (span) =>
        span.addLinks(to),
  ),
  fc.tuple(fc.constantFrom(SpanStatusCode.UNSET, SpanStatusCode.OK, SpanStatusCode.ERROR), fc.constantFrom('why', undefined, 7)).map(
    ([code, message]): Step =>
      (span) =>
        span.setStatus(untyped({ code, message })),
  ),
  text.map(
    (name): Step =>
      (span) =>
        span.updateName(name),
  ),
  fc
    .tuple(
      fc.constantFrom('thrown', '', undefined, {}, { name: 'TypeError', stack: 'at x' }, { message: 'm' }, { code: 5, message: 'm' }),
      time,
    )
    .map(
      ([exception, at]): Step =>
        (span) =>
          span.recordException(untyped(exception), at),
    ),
  fc.double({ min: 0, max: 3_000, noNaN: true }).map(
    (ms): Step =>
      () => {
        clockMs += ms;
      },
  ),
  time.map(
    (at): Step =>
      (span) =>
        span.end(at),
  ),
);
const options: fc.Arbitrary<SpanOptions> = fc.record(
  {
    kind: fc.constantFrom(SpanKind.CLIENT, SpanKind.SERVER),
    attributes: fc.dictionary(key, anyValue).map(untyped),
    links: fc.array(link, { maxLength: 3 }),
    root: fc.boolean(),
    startTime: time.filter((at) => at !== undefined),
  },
  { requiredKeys: [] },
);
const parent: fc.Arbitrary<Context> = fc.oneof(
  fc.constantFrom(ROOT_CONTEXT, suppressTracing(ROOT_CONTEXT)),
  spanContext.map((remote) => trace.setSpanContext(ROOT_CONTEXT, remote)),
);

/** Runs the same on both kinds of tracers and returns what was to be seen. */
function onBoth(sampler: KnownSampler, run: (provider: ReturnType<typeof createProvider>) => unknown): [unknown, unknown] {
  const startMs = clockMs;
  const [sdk, own] = [false, true].map((isOwn) => {
    clockMs = startMs;
    const provider = createProvider(sampler, isOwn);
    return [run(provider), provider.seen];
  });
  return [sdk, own];
}

describe('our spans', () => {
  test('are what the SDK makes of the same calls', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...samplers),
        parent,
        options,
        options,
        fc.array(step, { maxLength: 12 }),
        (sampler, from, first, second, steps) => {
          const [sdk, own] = onBoth(sampler, ({ tracer }) => {
            const outer = tracer.startSpan('outer', first, from);
            const inner = tracer.startSpan('inner', second, trace.setSpan(from, outer));
            const recorded = steps.map((each) => {
              each(inner);
              return inner.isRecording();
            });
            outer.end();
            return [describeContext(outer.spanContext()), describeContext(inner.spanContext()), recorded];
          });
          expect(own).toEqual(sdk);
        },
      ),
      { numRuns: 300 },
    );
  });

  test('can be active, in each form of the call', () => {
    const [sdk, own] = onBoth(alwaysOn, ({ tracer }) => [
      tracer.startActiveSpan('a', (span) => trace.getActiveSpan() === span),
      tracer.startActiveSpan('b', { kind: SpanKind.SERVER }, (span) => trace.getActiveSpan() === span),
      tracer.startActiveSpan(
        'c',
        {},
        trace.setSpanContext(ROOT_CONTEXT, { traceId: '1'.repeat(32), spanId: '2'.repeat(16), traceFlags: 1 }),
        (span) => {
          span.end();
          return trace.getActiveSpan() === span;
        },
      ),
    ]);
    expect(own).toEqual(sdk);
    expect(JSON.stringify(own)).toContain('true,true,true');
  });

  test('are ours', () => {
    expect(createProvider(alwaysOn, true).tracer.startSpan('x')).toBeInstanceOf(RecordedSpan);
  });
});

describe('constant attributes', () => {
  const values = (): Attributes => ({ 'db.system.name': 'postgresql', 'server.port': 5432 });
  const constantOptions = (attributes: Attributes): ConstantOptions => ({ attributes, constants: new ConstantAttributes(attributes) });

  test.each([
    ['as they are', (_: Span) => {}],
    ['with more', (span: Span) => span.setAttribute('rows', 1)],
    ['changed', (span: Span) => span.setAttributes({ 'server.port': 1, rows: 1 })],
    ['beyond the limit', (span: Span) => span.setAttributes({ a: 1, b: 2, c: 3, d: 4, 'server.port': 1 })],
  ])('%s make the same spans as others do', (_, change) => {
    const run = (options: SpanOptions) => {
      const { tracer, seen } = createProvider(alwaysOn, true);
      const span = tracer.startSpan('x', options);
      change(span);
      span.end();
      return seen;
    };
    const constants = constantOptions(values());
    expect(run(constants)).toEqual(run({ attributes: values() }));
    expect(constants.attributes).toEqual(values());
  });

  test('are not taken when they are over a limit', () => {
    const { tracer } = createProvider(parentBased, true);
    const span = tracer.startSpan('x', constantOptions({ statement: 'x'.repeat(100) }));
    expect(span instanceof RecordedSpan && span.attributes).toEqual({ statement: 'x'.repeat(20) });
  });
});
