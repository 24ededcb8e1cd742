// At most ten lines a second of one kind: when a server hangs, everything that waits for it is
// slow.

const MAX_A_SECOND = 10;

export class LogLimit {
  #second = 0;
  #logged = 0;
  #unlogged = 0;

  /**
   * How many lines were left out since the last one; undefined when this one has to be left out
   * too.
   */
  take(): number | undefined {
    const second = Math.floor(performance.now() / 1000);
    if (second !== this.#second) {
      this.#second = second;
      this.#logged = 0;
    }
    if (this.#logged++ >= MAX_A_SECOND) {
      this.#unlogged++;
      return undefined;
    }
    const unlogged = this.#unlogged;
    this.#unlogged = 0;
    return unlogged;
  }
}
