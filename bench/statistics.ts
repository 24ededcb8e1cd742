// Medians, and how sure they are.

export interface Summary {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

export interface Interval {
  readonly low: number;
  readonly high: number;
}

const RESAMPLES = 2000;

export function summarize(values: readonly number[]): Summary {
  const sorted = values.toSorted((a, b) => a - b);
  return { median: percentile(sorted, 0.5), min: sorted[0] ?? Number.NaN, max: sorted.at(-1) ?? Number.NaN };
}

/** The value below which `share` of the sorted values are, between two of them in proportion. */
export function percentile(sorted: readonly number[], share: number): number {
  const at = (sorted.length - 1) * share;
  const low = sorted[Math.floor(at)] ?? Number.NaN;
  const high = sorted[Math.ceil(at)] ?? Number.NaN;
  return low + (high - low) * (at - Math.floor(at));
}

/** Where the median lies with 95 % confidence, by the bootstrap: the medians of many samples drawn from the values. The same values give the same interval. */
export function medianInterval(values: readonly number[]): Interval {
  let seed = 1;
  // The generator of Park and Miller: https://dl.acm.org/doi/10.1145/63039.63042
  const random = (): number => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed / 2_147_483_647;
  };
  const medians = Array.from(
    { length: RESAMPLES },
    () => summarize(values.map(() => values[Math.floor(random() * values.length)] ?? Number.NaN)).median,
  ).sort((a, b) => a - b);
  return { low: percentile(medians, 0.025), high: percentile(medians, 0.975) };
}
