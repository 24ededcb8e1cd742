import fc from 'fast-check';
import { expect, test } from 'vitest';
import { jobIdOf, payloadOf, readEvent } from '../../src/webhooks/webhook-event.ts';

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
  // UTF-8 writes all three alike.
  expect(new Set(['\ud800', '\ud801', '\ufffd'].map(jobIdOf)).size).toBe(3);
});

test.each(['\ud800', 'a\udc00', 'a\0b'])('ids and types that no store keeps as they are are refused: %j', (text) => {
  const refused = { code: 'WEBHOOK_TEXT_NOT_STORABLE', httpStatus: 400 };
  for (const event of [
    { id: text, type: 'paid', payload: {} },
    { id: 'e', type: text, payload: {} },
  ]) {
    expect(() => readEvent(event, 1000)).toThrow(expect.objectContaining(refused));
  }
});

test('any payload is kept in a form that PostgreSQL takes as JSON', () => {
  const text = fc.string({ unit: fc.mapToConstant({ num: 0x10000, build: (code) => String.fromCharCode(code) }) });
  fc.assert(
    fc.property(fc.jsonValue({ stringUnit: 'binary', maxDepth: 1 }), text, (value, odd) => {
      const payload = { value, [odd]: odd };
      const data = readEvent({ id: 'e', type: 'paid', payload }, 1_000_000);
      expect(JSON.stringify(data)).not.toMatch(/(?<!\\)(?:\\\\)*\\u(?:0000|d[89a-f])/);
      const stored: typeof data = JSON.parse(JSON.stringify(data));
      expect(payloadOf(stored)).toEqual(JSON.parse(JSON.stringify(payload)));
    }),
  );
});
