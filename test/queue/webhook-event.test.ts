import fc from 'fast-check';
import { expect, test } from 'vitest';
import { jobIdOf } from '../../src/queue/webhooks/webhook-event.ts';

test.each([
  ['evt_1', /^e-evt_1$/],
  ['42', /^e-42$/],
  ['0', /^e-0$/],
  ['018f-7.x', /^e-018f-7\.x$/],
  ['a:b', /^h-[0-9a-f]{64}$/],
  ['x'.repeat(129), /^h-[0-9a-f]{64}$/],
])('%s', (eventId, jobId) => {
  expect(jobIdOf(eventId)).toMatch(jobId);
});

test('two events never share an id, and BullMQ takes every one', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1 }), fc.string({ minLength: 1 }), (one, other) => {
      if (one !== other) expect(jobIdOf(one)).not.toBe(jobIdOf(other));
      expect(jobIdOf(one)).toMatch(/^[eh]-[\w.-]+$/);
      expect(jobIdOf(one).length).toBeLessThanOrEqual(130);
    }),
  );
  // A plain id that looks like a hashed one, and ids that differ in what is hashed away elsewhere.
  const hashed = jobIdOf('a:b');
  expect(jobIdOf(hashed.slice(2))).not.toBe(hashed);
  expect(jobIdOf('a:b')).not.toBe(jobIdOf('a_b'));
});
