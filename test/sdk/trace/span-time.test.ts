import { expect, test } from 'vitest';
import { epochMillis } from '../../../src/sdk/trace/span-time.ts';

test('a reading of the steady clock is within the millisecond that Date.now() tells, and keeps the order', () => {
  let last = 0;
  let fractions = 0;
  for (let index = 0; index < 20_000; index++) {
    const before = Date.now();
    const millis = epochMillis(performance.now());
    expect(millis).toBeGreaterThanOrEqual(before);
    expect(millis).toBeLessThan(Date.now() + 1);
    if (Math.trunc(millis) === Math.trunc(last)) expect(millis).toBeGreaterThanOrEqual(last);
    if (!Number.isInteger(millis)) fractions++;
    last = millis;
  }
  expect(fractions).toBeGreaterThan(10_000);
});

test('a system clock that is set is followed', () => {
  const real = Date.now;
  try {
    Date.now = () => real() + 3_600_000;
    expect(epochMillis(performance.now()) - real()).toBeGreaterThan(3_599_000);
  } finally {
    Date.now = real;
  }
  expect(Math.abs(epochMillis(performance.now()) - Date.now())).toBeLessThan(1_000);
});
