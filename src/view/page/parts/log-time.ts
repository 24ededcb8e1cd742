// The moment of a log record.
import type { ApiLog } from '../../api.js';

/** When it was written, or else observed. */
export function timeOf({ timeUnixNano, observedTimeUnixNano }: Pick<ApiLog, 'timeUnixNano' | 'observedTimeUnixNano'>): string {
  return /^0*$/.test(timeUnixNano) ? observedTimeUnixNano : timeUnixNano;
}
