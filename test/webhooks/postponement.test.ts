// An event waits for its claim store without using up attempts, but not for ever.
import { expect, test } from 'vitest';
import { nextPostponement, type Postponements } from '../../src/webhooks/postponement.ts';

function postponeAll(reason: 'busy' | 'unavailable', hasRun: boolean): number[] {
  const delays: number[] = [];
  let so: Postponements | undefined;
  for (;;) {
    const next = nextPostponement(reason, hasRun, so);
    if (next === undefined) return delays;
    delays.push(next.delayMs);
    so = next.postponed;
  }
}

test('waits grow to half a minute and end after about a day', () => {
  const delays = postponeAll('unavailable', false);
  expect(delays.slice(0, 6)).toEqual([2000, 4000, 8000, 16_000, 30_000, 30_000]);
  const hours = delays.reduce((sum, delay) => sum + delay, 0) / 3_600_000;
  expect(hours).toBeGreaterThan(23);
  expect(hours).toBeLessThan(25);
  expect(postponeAll('busy', false).slice(0, 3)).toEqual([500, 1000, 2000]);
});

test('a processor that has run is not run for ever: its calls to others are made again each time', () => {
  expect(postponeAll('unavailable', true)).toHaveLength(5);
});
