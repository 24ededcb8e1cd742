// Bounds the log lines of one kind: when a server hangs, everything that waits for it is slow.

/** At most ten lines a second, where nothing else is said. */
export class LogLimit {
  readonly #most: number;
  readonly #periodMs: number;
  #period = 0;
  #logged = 0;
  #unlogged = 0;

  /** @param most lines in one period */
  constructor(most = 10, periodMs = 1_000) {
    this.#most = most;
    this.#periodMs = periodMs;
  }

  /**
   * How many lines were left out since the last one; undefined when this one has to be left out
   * too.
   */
  take(): number | undefined {
    const period = Math.floor(performance.now() / this.#periodMs);
    if (period !== this.#period) {
      this.#period = period;
      this.#logged = 0;
    }
    if (this.#logged++ >= this.#most) {
      this.#unlogged++;
      return undefined;
    }
    const unlogged = this.#unlogged;
    this.#unlogged = 0;
    return unlogged;
  }
}
