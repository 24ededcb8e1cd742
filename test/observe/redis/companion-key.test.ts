import { createRequire } from 'node:module';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { companionOf, isCompanion, parseWriter } from '../../../src/observe/redis/companion-key.js';

test.each([
  ['user:42', 'trace:{user:42}'],
  ['{user}:42', 'trace::{user}:42'],
  ['a{b}c{d}', 'trace::a{b}c{d}'],
  ['open{brace', 'trace:{open{brace}'],
  ['closing}brace', undefined],
  ['empty{}tag', undefined],
])('%s', (key, companion) => {
  expect(companionOf(key)).toBe(companion);
});

// What ioredis itself routes by; it has no types.
const calculateSlot: (key: string) => number = createRequire(import.meta.url)('cluster-key-slot');

test('any companion is in the slot of its key, is no other key’s, and is known as one', () => {
  const key = fc.oneof(fc.string({ minLength: 1 }), fc.string({ unit: fc.constantFrom(...'ab:{}'), minLength: 1, maxLength: 12 }));
  fc.assert(
    fc.property(key, key, (one, other) => {
      const companion = companionOf(one);
      if (companion === undefined) return;
      expect(calculateSlot(companion)).toBe(calculateSlot(one));
      expect(isCompanion(companion)).toBe(true);
      if (one !== other) expect(companionOf(other)).not.toBe(companion);
    }),
    { numRuns: 2000 },
  );
});

test('only a traceparent names a writer', () => {
  const traceparent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
  const writer = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), traceparent };
  expect(parseWriter(traceparent)).toEqual(writer);
  expect(parseWriter(Buffer.from(traceparent))).toEqual(writer);
  for (const value of [null, undefined, '', 'something', `${traceparent} `, 42]) expect(parseWriter(value)).toBeUndefined();
});
