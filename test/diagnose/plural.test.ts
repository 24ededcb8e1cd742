import { expect, test } from 'vitest';
import { counted } from '../../src/diagnose/plural.js';

test.each([
  [0, 'spans', '0 spans'],
  [1, 'spans', '1 span'],
  [2, 'spans', '2 spans'],
  [1, 'logs', '1 log'],
])('%i %s', (number, noun, expected) => {
  expect(counted(number, noun)).toBe(expected);
});
