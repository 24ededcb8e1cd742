// Consistent probability sampling: thresholds as in the specification's examples, and what the trace state says.
import { createTraceState, ROOT_CONTEXT, SpanKind, TraceFlags, trace } from '@opentelemetry/api';
import { SamplingDecision } from '@opentelemetry/sdk-trace';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { randomTraceId } from '../../../src/context/random-id.js';
import { randomnessOf, thresholdOf, withoutThreshold, withThreshold } from '../../../src/sdk/trace/probability.js';
import { createSampler } from '../../../src/sdk/trace/sampler.js';

test.each([
  [1, '0'],
  [0.5, '8'],
  [0.25, 'c'],
  [0.01, 'fd70a'],
  [0.001, 'ffbe77'],
  [1e-15, 'ffffffffffffb8'],
])('%d of all traces', (share, expected) => {
  expect(thresholdOf(share)?.replace(/0+$/, '') || '0').toBe(expected);
});

test('none has no threshold', () => {
  expect(thresholdOf(0)).toBeUndefined();
});

test('is near the share that was asked for', () => {
  fc.assert(
    fc.property(fc.double({ min: 1e-9, max: 1, noNaN: true }), (share) => {
      const threshold = thresholdOf(share) ?? '';
      expect(threshold).toMatch(/^[\da-f]{14}$/);
      const actual = 1 - Number(BigInt(`0x${threshold}`)) / 2 ** 56;
      expect(Math.abs(actual - share) / share).toBeLessThan(0.01);
    }),
  );
});

test('a trace sampled at a share is sampled at each larger one', () => {
  const share = fc.double({ min: 0, max: 1, noNaN: true });
  fc.assert(
    fc.property(share, share, (a, b) => {
      const traceId = randomTraceId();
      const [small, large] = [Math.min(a, b), Math.max(a, b)].map((samplerArgument) => decide(samplerArgument, traceId).decision);
      if (small === SamplingDecision.RECORD_AND_SAMPLED) expect(large).toBe(SamplingDecision.RECORD_AND_SAMPLED);
    }),
  );
});

test('the trace state says the threshold, beside what it says already', () => {
  const parent = { traceId: `${'0'.repeat(30)}ff`, spanId: '1'.repeat(16), traceFlags: TraceFlags.SAMPLED, isRemote: true };
  const traceState = createTraceState('vendor=1,ot=rv:ffffffffffffff;th:8');
  const { sampler } = createSampler({ sampler: 'traceidratio', samplerArgument: 0.01 });
  const context = trace.setSpanContext(ROOT_CONTEXT, { ...parent, traceState });
  const result = sampler.shouldSample(context, parent.traceId, 'name', SpanKind.SERVER, {}, []);
  expect(result.decision).toBe(SamplingDecision.RECORD_AND_SAMPLED);
  expect(result.traceState?.get('ot')).toBe('th:fd70a;rv:ffffffffffffff');
  expect(result.traceState?.get('vendor')).toBe('1');
});

test('randomness is the end of the trace id, unless the trace state has its own', () => {
  expect(randomnessOf('0123456789abcdef0123456789abcdef', undefined)).toBe('23456789abcdef');
  expect(randomnessOf('0'.repeat(32), createTraceState('ot=th:8;rv:0123456789abcd'))).toBe('0123456789abcd');
});

test('a threshold is taken out where nobody knows it', () => {
  expect(withoutThreshold(withThreshold(undefined, '80000000000000')).get('ot')).toBeUndefined();
  expect(withoutThreshold(createTraceState('ot=rv:0123456789abcd;th:8')).get('ot')).toBe('rv:0123456789abcd');
  const other = createTraceState('ot=rv:0123456789abcd');
  expect(withoutThreshold(other)).toBe(other);
});

function decide(samplerArgument: number, traceId: string) {
  const { sampler } = createSampler({ sampler: 'parentbased_traceidratio', samplerArgument });
  return sampler.shouldSample(ROOT_CONTEXT, traceId, 'name', SpanKind.SERVER, {}, []);
}
