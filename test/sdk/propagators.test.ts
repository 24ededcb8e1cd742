// Propagators that OTEL_PROPAGATORS names, beside what W3C's trace flags have that theirs have not.
import { defaultTextMapGetter, defaultTextMapSetter, propagation, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { expect, test } from 'vitest';
import { createPropagator } from '../../src/sdk/propagators.js';

const traceId = 'a'.repeat(32);
const spanId = 'b'.repeat(16);

test.each([
  ['not sampled', 2, '00'],
  ['sampled', 3, '01'],
])('a random trace id is no "debug" of Jaeger: %s', (_what, traceFlags, flags) => {
  const propagator = createPropagator(['jaeger'], []);
  const carrier: Record<string, string> = {};
  propagator.inject(trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId, traceFlags }), carrier, defaultTextMapSetter);
  expect(carrier).toEqual({ 'uber-trace-id': `${traceId}:${spanId}:0:${flags}` });
  const extracted = trace.getSpanContext(propagator.extract(ROOT_CONTEXT, carrier, defaultTextMapGetter));
  expect(extracted).toMatchObject({ traceId, spanId, traceFlags: traceFlags & 1 });
});

test('Getter argument returning Keys', () => {
  const carrier = { 'uberctx-tenant': 'shop' };
  const extracted = createPropagator(['jaeger'], []).extract(ROOT_CONTEXT, carrier, defaultTextMapGetter);
  expect(propagation.getBaggage(extracted)?.getEntry('tenant')?.value).toBe('shop');
});
