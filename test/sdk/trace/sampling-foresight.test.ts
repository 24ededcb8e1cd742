// What is foreseen of a sampler is what it says when it is asked.
import { ROOT_CONTEXT, type SpanContext, SpanKind, TraceFlags, trace } from '@opentelemetry/api';
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  ParentBasedSampler,
  type Sampler,
  SamplingDecision,
  TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SamplingForesight } from '../../../src/sdk/trace/sampling-foresight.js';

const half = new TraceIdRatioBasedSampler(0.5);

/** Those of OTEL_TRACES_SAMPLER, and some that it cannot name. */
const samplers: readonly Sampler[] = [
  new AlwaysOnSampler(),
  new AlwaysOffSampler(),
  half,
  new TraceIdRatioBasedSampler(0),
  new TraceIdRatioBasedSampler(1),
  ...[new AlwaysOnSampler(), new AlwaysOffSampler(), half].map((root) => new ParentBasedSampler({ root })),
  new ParentBasedSampler({ root: half, localParentSampled: new AlwaysOffSampler(), localParentNotSampled: new AlwaysOnSampler() }),
];

const parents = fc.record({
  traceId: fc.stringMatching(/^[1-9a-f][0-9a-f]{31}$/),
  spanId: fc.constant('2'.repeat(16)),
  traceFlags: fc.constantFrom(TraceFlags.NONE, TraceFlags.SAMPLED),
  isRemote: fc.boolean(),
});

test.each(samplers.map((sampler) => [sampler.toString(), sampler] as const))('%s', (_, sampler) => {
  const foresight = new SamplingForesight(sampler);
  fc.assert(
    fc.property(fc.array(parents, { minLength: 1, maxLength: 5 }), (several) => {
      for (const parent of several) {
        const foreseen = foresight.below(parent);
        if (foreseen !== undefined) expect(foreseen).toBe(isSampled(sampler, parent));
      }
    }),
  );
});

test('a child of a span of this process is foreseen for every sampler that OTEL_TRACES_SAMPLER names', () => {
  const parent: SpanContext = { traceId: '1'.repeat(32), spanId: '2'.repeat(16), traceFlags: TraceFlags.SAMPLED };
  for (const sampler of samplers.slice(0, -1)) {
    const foresight = new SamplingForesight(sampler);
    expect(foresight.below(parent)).toBeDefined();
    expect(foresight.below({ ...parent, traceFlags: TraceFlags.NONE })).toBeDefined();
  }
});

function isSampled(sampler: Sampler, parent: SpanContext): boolean {
  const context = trace.setSpanContext(ROOT_CONTEXT, parent);
  const { decision } = sampler.shouldSample(context, parent.traceId, 'name', SpanKind.CLIENT, {}, []);
  return decision === SamplingDecision.RECORD_AND_SAMPLED;
}
