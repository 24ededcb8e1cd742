// Moments as the API writes them: strings of nanoseconds, too long for a number, and many times slower as BigInt.

/** The earlier of two moments. */
export function earlier(one: string, other: string): string {
  return one.length < other.length || (one.length === other.length && one <= other) ? one : other;
}

/** What turns a moment into nanoseconds from `start` on, exact for hundred days. */
export function sinceMoment(start: string): (moment: string) => number {
  const seconds = secondsOf(start);
  const rest = restOf(start);
  return (moment) => (secondsOf(moment) - seconds) * 1e9 + (restOf(moment) - rest);
}

function secondsOf(moment: string): number {
  return Number(moment.slice(0, -9));
}

function restOf(moment: string): number {
  return Number(moment.slice(-9));
}
