// How long to wait before an export is tried again.

const FIRST_MS = 1000;
const LONGEST_MS = 30_000;
const JITTER = 0.2;
/** A collector that asks for more than this is asked again after this. */
const LONGEST_WISH_MS = 300_000;

/** Doubles from one second to half a minute, ±20 % so that many processes do not come back at once. `wish` (Retry-After) goes first. */
export function backoffMs(attempt: number, wish: number | undefined): number {
  if (wish !== undefined) return Math.min(Math.max(wish, 0), LONGEST_WISH_MS);
  const step = Math.min(FIRST_MS * 2 ** Math.min(attempt - 1, 10), LONGEST_MS);
  return step * (1 - JITTER + Math.random() * 2 * JITTER);
}
