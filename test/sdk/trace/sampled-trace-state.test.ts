// What spans say of the probability they were sampled by: the threshold in the trace state, through roots, children and remote parents.
import { ROOT_CONTEXT, type Span, SpanKind, TraceFlags, trace } from '@opentelemetry/api';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { type ReadableSpan, SamplingDecision, TracerProvider } from '@opentelemetry/sdk-trace';
import { describe, expect, test } from 'vitest';
import { randomSpanId, randomTraceId } from '../../../src/context/random-id.js';
import { parseTraceState } from '../../../src/context/trace-state.js';
import { createSampler, type KnownSampler } from '../../../src/sdk/trace/sampler.js';
import { SpanCounts } from '../../../src/sdk/trace/span-counts.js';
import { RecordingTracer } from '../../../src/sdk/trace/tracer.js';
import { giveOwnTracers } from '../../../src/sdk/trace/tracer-provider.js';

const LIMITS = {
  ...{ attributeCountLimit: 128, attributeValueLengthLimit: 100, eventCountLimit: 128, linkCountLimit: 128 },
  ...{ attributePerEventCountLimit: 128, attributePerLinkCountLimit: 128 },
};
/** By the last 14 digits: below the threshold of a half, and above. */
const [LOW, HIGH] = [`${'1'.repeat(18)}1${'0'.repeat(13)}`, `${'1'.repeat(18)}f${'0'.repeat(13)}`];

function createTracer({ sampler, rule }: KnownSampler, traceId?: string): RecordingTracer {
  const provider = new TracerProvider();
  const idGenerator = { generateSpanId: randomSpanId, generateTraceId: () => traceId ?? randomTraceId() };
  const processor = { onStart: () => {}, onEnd: (_span: ReadableSpan) => {}, forceFlush: async () => {}, shutdown: async () => {} };
  const resource = resourceFromAttributes({});
  const counts = new SpanCounts();
  giveOwnTracers(provider, {
    sampler,
    rule,
    resource,
    limits: LIMITS,
    idGenerator,
    processor,
    counts,
    startsAll: false,
    blockedTime: undefined,
  });
  const tracer = provider.getTracer('test');
  if (!(tracer instanceof RecordingTracer)) throw new Error('expected a tracer of ours');
  return tracer;
}

const ratio = (share: number, sampler: 'traceidratio' | 'parentbased_traceidratio' = 'parentbased_traceidratio') =>
  createSampler({ sampler, samplerArgument: share });

function below(traceId: string, tracestate: string, traceFlags: number = TraceFlags.SAMPLED, isRemote = true) {
  const traceState = parseTraceState(tracestate);
  return trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId: '2'.repeat(16), traceFlags, isRemote, ...(traceState && { traceState }) });
}

/** Whether it is sampled, and what its trace state is. */
function stateOf(span: Span): [boolean, string | undefined] {
  const { traceFlags, traceState } = span.spanContext();
  return [(traceFlags & TraceFlags.SAMPLED) !== 0, traceState?.serialize() || undefined];
}

describe.each(['traceidratio', 'parentbased_traceidratio'] as const)('Sampling: consistent probability by %s', (name) => {
  test.each([
    [0.5, HIGH, true, 'ot=th:8'],
    [0.5, LOW, false, undefined],
    [1, LOW, true, 'ot=th:0'],
    [0, HIGH, false, undefined],
  ])('a share of %d decides by the last 56 bits of the trace id %s: %s', (share, traceId, isSampled, state) => {
    const tracer = createTracer(ratio(share, name), traceId);
    const root = tracer.startSpan('root');
    expect(stateOf(root)).toEqual([isSampled, state]);
    expect(stateOf(tracer.startSpan('child', {}, trace.setSpan(ROOT_CONTEXT, root)))).toEqual([isSampled, state]);
  });

  test('its description is that of the specification', () => {
    expect(ratio(0.25, name).sampler.toString()).toContain('TraceIdRatioBased{0.25}');
  });
});

describe('Sampling: a remote parent', () => {
  test('traceidratio decides again, by its own threshold', () => {
    const tracer = createTracer(ratio(0.5, 'traceidratio'));
    expect(stateOf(tracer.startSpan('child', {}, below(HIGH, 'ot=th:c;x:1,other=1', TraceFlags.NONE)))).toEqual([
      true,
      'ot=th:8;x:1,other=1',
    ]);
    expect(stateOf(tracer.startSpan('child', {}, below(LOW, 'ot=th:0,other=1')))).toEqual([false, 'other=1']);
  });

  test('explicit randomness decides in the place of the trace id, and stays', () => {
    const tracer = createTracer(ratio(0.5, 'traceidratio'));
    const child = tracer.startSpan('child', {}, below(LOW, 'ot=rv:ffffffffffffff'));
    expect(stateOf(child)).toEqual([true, 'ot=th:8;rv:ffffffffffffff']);
    expect(stateOf(tracer.startSpan('grandchild', {}, trace.setSpan(ROOT_CONTEXT, child)))).toEqual(stateOf(child));
    expect(stateOf(tracer.startSpan('child', {}, below(HIGH, 'ot=rv:00000000000000')))).toEqual([false, 'ot=rv:00000000000000']);
  });

  test('parentbased_traceidratio passes the threshold of the parent on', () => {
    const tracer = createTracer(ratio(0.01));
    expect(stateOf(tracer.startSpan('child', {}, below(HIGH, 'other=1,ot=th:c')))).toEqual([true, 'other=1,ot=th:c']);
    expect(stateOf(tracer.startSpan('child', {}, below(LOW, 'other=1')))).toEqual([true, 'other=1']);
  });

  test('parentbased_traceidratio takes out a threshold by which the parent would not be sampled', () => {
    const tracer = createTracer(ratio(0.01));
    expect(stateOf(tracer.startSpan('child', {}, below(LOW, 'ot=th:c;x:1')))).toEqual([true, 'ot=x:1']);
    expect(stateOf(tracer.startSpan('child', {}, below(HIGH, 'ot=th:c', TraceFlags.NONE)))).toEqual([false, undefined]);
  });

  test.each(['always_on', 'always_off'] as const)('%s takes the threshold out: its decision is not the parent’s', (sampler) => {
    const tracer = createTracer(createSampler({ sampler, samplerArgument: 1 }));
    expect(stateOf(tracer.startSpan('child', {}, below(HIGH, 'ot=th:c,other=1')))).toEqual([sampler === 'always_on', 'other=1']);
  });
});

test('Sampling: the samplers of a configuration file decide in the same way', () => {
  const plan = { kind: 'parent_based', root: { kind: 'ratio', ratio: 0.5 }, localParentSampled: { kind: 'always_off' } } as const;
  const { sampler } = createSampler({ sampler: 'always_on', samplerArgument: 1 }, plan);
  const decide = (traceId: string) => sampler.shouldSample(ROOT_CONTEXT, traceId, 'name', SpanKind.SERVER, {}, []);
  expect(decide(HIGH).decision).toBe(SamplingDecision.RECORD_AND_SAMPLED);
  expect(decide(HIGH).traceState?.serialize()).toBe('ot=th:8');
  expect(decide(LOW).decision).toBe(SamplingDecision.NOT_RECORD);
});
