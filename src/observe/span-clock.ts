// The clock that spans of this integration start and end by.

/**
 * A reading of `performance.now()` as milliseconds of the epoch. Spans that are started by it end by it: the SDK's own end counts whole milliseconds,
 * and may be before such a start.
 */
export function spanTime(reading = performance.now()): number {
  return performance.timeOrigin + reading;
}
