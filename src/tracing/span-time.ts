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
