// Run times of the latest attempts in this process, for getMetrics().

const SIZE = 1024;

/** Milliseconds. */
export interface RunTimeSummary {
  readonly count: number;
  readonly meanMs: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

export class RunTimes {
  readonly #latest = new Float64Array(SIZE);
  #count = 0;

  add(ms: number): void {
    this.#latest[this.#count++ % SIZE] = ms;
  }

  /** Percentiles of the latest 1024 attempts; `count` counts all. */
  summary(): RunTimeSummary {
    const sorted = this.#latest.slice(0, Math.min(this.#count, SIZE)).sort();
    const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
    const mean = sorted.length === 0 ? 0 : sorted.reduce((sum, ms) => sum + ms, 0) / sorted.length;
    return { count: this.#count, meanMs: mean, p50Ms: at(0.5), p95Ms: at(0.95), p99Ms: at(0.99), maxMs: at(1) };
  }
}
