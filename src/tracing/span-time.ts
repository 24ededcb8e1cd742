// Times of spans, as the SDK reads them.
import type { HrTime, TimeInput } from '@opentelemetry/api';
import { isTimeInputHrTime, millisToHrTime } from '@opentelemetry/core';

/**
 * A number that is not later than `performance.now()` is one of its readings, others are milliseconds of the epoch.
 * @param offsetMs what to add to a reading for milliseconds of the epoch
 */
export function readTime(input: TimeInput, offsetMs: number): HrTime {
  if (typeof input === 'number') return millisToHrTime(input <= performance.now() ? input + offsetMs : input);
  return isTimeInputHrTime(input) ? input : millisToHrTime(input.getTime());
}

let offsetMs = Date.now() - performance.now();

/**
 * A reading of `performance.now()` as milliseconds of the epoch, with its fraction. `Date.now()` has whole milliseconds, in which several spans may start:
 * their order would be lost. It stays the authority: what comes out is always within the millisecond that it tells, so that clocks that are set are followed.
 */
export function epochMillis(reading: number): number {
  const wall = Date.now();
  const millis = reading + offsetMs;
  if (millis >= wall && millis <= wall + 0.999) return millis;
  const nearest = millis < wall ? wall : wall + 0.999;
  offsetMs = nearest - reading;
  return nearest;
}
