// The part of the time axis in sight, and the marks on it.

/** Nanoseconds from the start of the trace on. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

/** Least width of what is in sight: below, the numbers of an axis are all the same. */
const LEAST = 1_000;

export function wholeOf(duration: number): Range {
  return { from: 0, to: Math.max(duration, 1) };
}

/** Part of the width, from 0 to 1; outside of the range less or more. */
export function place(at: number, { from, to }: Range): number {
  return (at - from) / (to - from);
}

/** The range with this share of its width, around its middle or `around`. */
export function scale(range: Range, factor: number, duration: number, around = (range.from + range.to) / 2): Range {
  const width = Math.min(Math.max((range.to - range.from) * factor, LEAST), Math.max(duration, 1));
  const from = around - (around - range.from) * (width / (range.to - range.from));
  return within({ from, to: from + width }, duration);
}

export function shift(range: Range, share: number, duration: number): Range {
  const by = (range.to - range.from) * share;
  return within({ from: range.from + by, to: range.to + by }, duration);
}

function within({ from, to }: Range, duration: number): Range {
  const width = Math.min(to - from, Math.max(duration, 1));
  const start = Math.min(Math.max(0, from), Math.max(duration, 1) - width);
  return { from: start, to: start + width };
}

/** Round moments, `most` of them or fewer. */
export function ticksOf({ from, to }: Range, most: number): { readonly step: number; readonly ticks: readonly number[] } {
  const least = (to - from) / most;
  const power = 10 ** Math.floor(Math.log10(Math.max(least, 1)));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((each) => each >= least) ?? least;
  const ticks: number[] = [];
  for (let at = Math.ceil(from / step) * step; at <= to && ticks.length <= most + 1; at += step) ticks.push(at);
  return { step, ticks };
}
