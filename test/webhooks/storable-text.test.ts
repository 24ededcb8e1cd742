import { expect, test } from 'vitest';
import { asStorableError, hasUnstorableEscape, isStorable } from '../../src/webhooks/storable-text.ts';

test.each([
  ['', true],
  ['é 😀 \n', true],
  ['a\0b', false],
  ['\ud800', false],
  ['\udc00\ud800', false],
])('%j', (text, storable) => {
  expect(isStorable(text)).toBe(storable);
  expect(hasUnstorableEscape(JSON.stringify({ a: [text] }))).toBe(!storable);
});

test('an error is stored with its class, its message made storable', () => {
  const error = new RangeError('a\0b \ud800');
  const stored = asStorableError(error);
  expect(stored).toBeInstanceOf(RangeError);
  expect(stored).toMatchObject({ name: 'RangeError', message: 'a\ufffdb \ufffd' });
  expect(isStorable(String(Object(stored).stack))).toBe(true);
  const plain = new Error('plain');
  expect(asStorableError(plain)).toBe(plain);
  expect(asStorableError('a\0b')).toBe('a\ufffdb');
  expect(asStorableError(undefined)).toBeUndefined();
});
