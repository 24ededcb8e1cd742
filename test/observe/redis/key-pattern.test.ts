import fc from 'fast-check';
import { expect, test } from 'vitest';
import { keyPattern } from '../../../src/observe/redis/key-pattern.js';

test.each([
  ['user:4711:cart', 'user:?:cart'],
  ['user:profile', 'user:profile'],
  ['plain', 'plain'],
  ['', ''],
  ['user:9f1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9', 'user:?'],
  ['session:deadbeef00112233', 'session:?'],
  ['mail:jane@example.org', 'mail:?'],
  ['{user:42}:cart', '{user:?}:cart'],
  ['cache/v2/users/17', 'cache/v2/users/?'],
  ['cache:v1000:x', 'cache:?:x'],
  ['rate-limit:10.0.0.1', 'rate-limit:?'],
  ['rate_limit.api:POST', 'rate_limit.api:POST'],
  ['token:abcdefghijklmnopqrstuvwxyz', 'token:?'],
  ['user:Zoë', 'user:?'],
  ['a b', '?'],
  ['a\nb:c', '?:c'],
  ['a::b', 'a::b'],
  ['a:b:c:d:e:f:g:h:i:j:k:l', 'a:b:c:d:e:f:g:h:i:j:?'],
])('%j is %j', (key, pattern) => {
  expect(keyPattern(key)).toBe(pattern);
  expect(keyPattern(Buffer.from(key))).toBe(pattern);
});

test('what is not text or bytes', () => {
  for (const key of [undefined, null, 42, {}, ['a']]) expect(keyPattern(key)).toBe('?');
});

test('whatever the key: short, on one line, without digits but those of a version, and the same for its own pattern', () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.string({ unit: 'binary', maxLength: 600 }), fc.string({ unit: fc.constantFrom(...'ab1:{}/|v@-'), maxLength: 60 })),
      (key) => {
        const pattern = keyPattern(key);
        expect(pattern.length).toBeLessThanOrEqual(121);
        expect(pattern).toMatch(/^[a-zA-Z0-9_.:/|{}?…-]*$/);
        expect(pattern.replace(/(?<![^:/|{}])[vV]\d{1,2}(?![^:/|{}])/g, '')).not.toMatch(/\d/);
      },
    ),
  );
});
