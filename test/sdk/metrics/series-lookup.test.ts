import { createRequire } from 'node:module';
import type { Attributes } from '@opentelemetry/api';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { rememberKeys, speedUpSeriesLookup } from '../../../src/sdk/metrics/series-lookup.js';

const sdk: { hashAttributes(attributes: Attributes): string } = createRequire(import.meta.url)(
  '@opentelemetry/sdk-metrics/build/src/utils',
);
const original = sdk.hashAttributes;

const value = fc.oneof(
  fc.string({ maxLength: 3 }),
  fc.constantFrom('["a"]', '1', 'true', ''),
  fc.integer({ min: -2, max: 2 }),
  fc.constantFrom(Number.NaN, -0, 0.5, Number.POSITIVE_INFINITY),
  fc.boolean(),
  fc.constant(undefined),
  fc.array(fc.string({ maxLength: 1 }), { maxLength: 2 }),
  fc.array(fc.constantFrom(1, null), { maxLength: 2 }),
);
const attributes = fc.dictionary(fc.constantFrom('a', 'b', 'c', '__proto__', 'constructor'), value, { maxKeys: 4 });

test('the keys are those of the SDK, whatever came before', () => {
  fc.assert(
    fc.property(fc.array(attributes, { maxLength: 50 }), (sets) => {
      const remembering = rememberKeys(original);
      for (const set of [...sets, ...sets.toReversed()]) expect(remembering(set)).toBe(original(set));
    }),
  );
});

test('more series than it remembers have the right keys too', () => {
  const remembering = rememberKeys(original);
  for (let index = 0; index < 30_000; index++) expect(remembering({ index })).toBe(original({ index }));
});

test('keys are made once', () => {
  let made = 0;
  const remembering = rememberKeys((set) => {
    made++;
    return original(set);
  });
  for (let times = 0; times < 10; times++) remembering({ a: 1, b: ['x'] });
  expect(made).toBe(1);
});

test('the SDK of this package is one it knows', () => {
  expect(speedUpSeriesLookup()).toBe(true);
});
