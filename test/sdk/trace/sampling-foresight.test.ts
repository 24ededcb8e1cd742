// What is foreseen of a sampler that settings name is what it says when it is asked.
import { ROOT_CONTEXT, type SpanContext, SpanKind, TraceFlags, trace } from '@opentelemetry/api';
import { type Sampler, SamplingDecision } from '@opentelemetry/sdk-trace';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createSampler } from '../../../src/sdk/trace/sampler.js';
import { SamplingForesight } from '../../../src/sdk/trace/sampling-foresight.js';

const names = ['always_on', 'always_off', 'parentbased_always_on', 'parentbased_always_off'] as const;
const ratioNames = ['traceidratio', 'parentbased_traceidratio'] as const;

const samplers = [
  ...names.map((sampler) => createSampler({ sampler, samplerArgument: 1 })),
  ...ratioNames.flatMap((sampler) => [0, 0.5, 1].map((samplerArgument) => createSampler({ sampler, samplerArgument }))),
];

const parents = fc.record({
  traceId: fc.stringMatching(/^[1-9a-f][0-9a-f]{31}$/),
  spanId: fc.constant('2'.repeat(16)),
  traceFlags: fc.constantFrom(TraceFlags.NONE, TraceFlags.SAMPLED),
  isRemote: fc.boolean(),
});

test.each(samplers.map(({ sampler, rule }) => [sampler.toString(), sampler, rule] as const))('%s', (_, sampler, rule) => {
  const foresight = new SamplingForesight(rule);
  fc.assert(
    fc.property(fc.array(parents, { minLength: 1, maxLength: 5 }), (several) => {
      for (const parent of several) {
        const foreseen = foresight.below(parent);
        if (foreseen !== undefined) expect(foreseen).toBe(isSampled(sampler, parent));
        if (foresight.ofRoot !== undefined) expect(foresight.ofRoot).toBe(isSampled(sampler, parent, ROOT_CONTEXT));
      }
    }),
  );
});

test('a child of a span of this process is foreseen for every sampler that OTEL_TRACES_SAMPLER names', () => {
  const ids = { traceId: '1'.repeat(32), spanId: '2'.repeat(16) };
  for (const { rule, sampler } of samplers) {
    const { decision, traceState } = sampler.shouldSample(ROOT_CONTEXT, ids.traceId, 'root', SpanKind.SERVER, {}, []);
    const isRootSampled = decision === SamplingDecision.RECORD_AND_SAMPLED;
    const traceFlags = isRootSampled ? TraceFlags.SAMPLED : TraceFlags.NONE;
    const parent: SpanContext = { ...ids, traceFlags, ...(traceState && { traceState }) };
    expect(new SamplingForesight(rule).below(parent)).toBe(isRootSampled);
  }
});

test('nothing is foreseen of a sampler without a rule, which is asked', () => {
  const foresight = new SamplingForesight(undefined);
  fc.assert(fc.property(parents, (parent) => foresight.below(parent) === undefined));
  expect(foresight.ofRoot).toBeUndefined();
});

function isSampled(sampler: Sampler, parent: SpanContext, context = trace.setSpanContext(ROOT_CONTEXT, parent)): boolean {
  const { decision } = sampler.shouldSample(context, parent.traceId, 'name', SpanKind.CLIENT, {}, []);
  return decision === SamplingDecision.RECORD_AND_SAMPLED;
}
