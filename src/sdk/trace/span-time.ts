// Reads and makes the times of spans. An invalid time is refused here; the SDK would send it, and
// the collector would refuse the whole batch.
import type { HrTime, TimeInput } from '@opentelemetry/api';
import { isTimeInput, isTimeInputHrTime, millisToHrTime } from '@opentelemetry/core';

/** OTLP has nanoseconds since the epoch in 64 bits: the seconds that fit. */
const MAX_SECONDS = 18_446_744_073;

/**
 * A number that is not later than `performance.now()` is one of its readings, others are
 * milliseconds of the epoch. Undefined for what is no time.
 * @param offsetMs what to add to a reading for milliseconds of the epoch
 */
export function readTime(input: TimeInput | null | undefined, offsetMs: number): HrTime | undefined {
  if (input === undefined || input === null) return undefined;
  try {
    return valid(toHrTime(input, offsetMs));
  } catch {
    return undefined; // A date of the app's own making.
  }
}

/** Tells whether the value has the form of a time. Never throws. */
export function isTimeGiven(value: unknown): value is TimeInput {
  try {
    return isTimeInput(value);
  } catch {
    return false;
  }
}

function toHrTime(input: TimeInput, offsetMs: number): HrTime {
  if (typeof input === 'number') return millisToHrTime(input <= performance.now() ? input + offsetMs : input);
  return isTimeInputHrTime(input) ? [Math.trunc(input[0]), Math.trunc(input[1])] : millisToHrTime(input.getTime());
}

function valid(time: HrTime): HrTime | undefined {
  const [seconds, nanoseconds] = time;
  return seconds >= 0 && seconds < MAX_SECONDS && nanoseconds >= 0 && nanoseconds < 2 ** 32 ? time : undefined;
}

let offsetMs = Date.now() - performance.now();

/**
 * The same for a reading that was taken some time ago. With {@link epochMillis} the one clock of
 * all spans that we start or end ourselves: `performance.timeOrigin` does not follow a wall clock
 * that is set, and such spans would lie outside of their parents.
 */
export function pastEpochMillis(reading: number): number {
  const now = performance.now();
  return epochMillis(now) - (now - reading);
}

/**
 * A reading of `performance.now()` as milliseconds of the epoch, with its fraction. `Date.now()`
 * has whole milliseconds, in which several spans may start: their order would be lost. It stays the
 * authority: what comes out is always within the millisecond that it tells, so that clocks that are
 * set are followed.
 */
export function epochMillis(reading: number): number {
  const wall = Date.now();
  const millis = reading + offsetMs;
  if (millis >= wall && millis <= wall + 0.999) return millis;
  const nearest = millis < wall ? wall : wall + 0.999;
  offsetMs = nearest - reading;
  return nearest;
}

/** A time that {@link epochMillis} made as the reading that it was made of. */
export function readingOf(millis: number): number {
  return millis - offsetMs;
}
