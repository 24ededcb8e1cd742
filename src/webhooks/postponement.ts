// Decides how often and for how long an event waits for its claim store without using an attempt.
import type { ClaimError } from './claims.js';

/** Stored with the event's job. */
export interface Postponements {
  readonly count: number;
  /**
   * Those after the processor had run: whatever it did outside of its transaction, it does again.
   */
  readonly ran: number;
}

const FIRST_DELAY_MS = { busy: 500, unavailable: 2000 };
const MAX_DELAY_MS = 30_000;
/** A day, at the longest delay. Counted, because the clocks of two workers may differ. */
const MAX_COUNT = 2880;
const MAX_RAN = 5;

/** Undefined where the event has waited often enough: the attempt counts. */
export function nextPostponement(
  reason: ClaimError['reason'],
  hasRun: boolean,
  { count, ran }: Postponements = { count: 0, ran: 0 },
): { delayMs: number; postponed: Postponements } | undefined {
  if (count >= MAX_COUNT || (hasRun && ran >= MAX_RAN)) return undefined;
  const delayMs = Math.min(MAX_DELAY_MS, FIRST_DELAY_MS[reason] * 2 ** Math.min(count, 10));
  return { delayMs, postponed: { count: count + 1, ran: ran + (hasRun ? 1 : 0) } };
}
