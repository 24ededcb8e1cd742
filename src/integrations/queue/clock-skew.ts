// How far this process's clock is from Redis's. BullMQ dates jobs, delays, removals and, in
// PostgreSQL, locks with the clocks of the processes.

/** From here on the clocks disagree. */
export const MAX_SKEW_MS = 60_000;

/**
 * ms that this process's clock is ahead, negative where it is behind; 0 where the time of the
 * answer explains the difference.
 * @param read asks Redis for its time, ms since 1970
 */
export async function measureSkew(read: () => Promise<number>): Promise<number> {
  const before = Date.now();
  return skewOf(await read(), before, Date.now());
}

/** @param time of Redis, read between `before` and `after` of this process */
export function skewOf(time: number, before: number, after: number): number {
  if (time < before) return Math.round(before - time);
  return time > after ? Math.round(after - time) : 0;
}
