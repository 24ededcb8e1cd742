// What a child process prints, line by line, to be waited for.

import type { Readable } from 'node:stream';

/** Characters kept of each stream. */
const MAX_LENGTH = 4 * 1024 * 1024;

export class ChildOutput {
  readonly #listeners = new Set<() => void>();
  #stdout = '';
  #stderr = '';
  #ended = false;

  follow(stdout: Readable | null, stderr: Readable | null): void {
    stdout?.setEncoding('utf8').on('data', (chunk: string) => {
      this.#stdout = (this.#stdout + chunk).slice(-MAX_LENGTH);
      this.notify();
    });
    stderr?.setEncoding('utf8').on('data', (chunk: string) => {
      this.#stderr = (this.#stderr + chunk).slice(-MAX_LENGTH);
      this.notify();
    });
  }

  /** To be called when nothing more will come: waiters fail at once instead of at their deadline. */
  end(): void {
    this.#ended = true;
    this.notify();
  }

  get stdout(): string {
    return this.#stdout;
  }

  get stderr(): string {
    return this.#stderr;
  }

  /** The end of both streams, for error messages. */
  tail(): string {
    return `stdout:\n${this.#stdout.slice(-2_000)}\nstderr:\n${this.#stderr.slice(-2_000)}`;
  }

  /** Resolves with what `find` returns once that is not undefined. `what` is for the message of the failure. */
  async waitFor<Result>(what: string, find: () => Result | undefined, timeoutMs: number): Promise<Result> {
    return new Promise((resolve, reject) => {
      const settle = (): void => {
        this.#listeners.delete(check);
        clearTimeout(timer);
      };
      const check = (): void => {
        const result = find();
        if (result === undefined && !this.#ended) return;
        settle();
        if (result !== undefined) resolve(result);
        else reject(new Error(`The process ended without ${what}.\n${this.tail()}`));
      };
      const timer = setTimeout(() => {
        settle();
        reject(new Error(`Within ${timeoutMs} ms there was no ${what}.\n${this.tail()}`));
      }, timeoutMs);
      this.#listeners.add(check);
      check();
    });
  }

  /** The first line of either stream that matches; a line counts once it is whole. */
  waitForLine(pattern: RegExp, timeoutMs: number): Promise<RegExpExecArray> {
    const find = (): RegExpExecArray | undefined => {
      for (const text of [this.#stdout, this.#stderr]) {
        for (const line of text.split('\n').slice(0, this.#ended ? undefined : -1)) {
          const match = pattern.exec(line);
          if (match !== null) return match;
        }
      }
      return undefined;
    };
    return this.waitFor(`line ${pattern}`, find, timeoutMs);
  }

  /** Asks the waiters' conditions again; to be called when what they look at changed elsewhere. */
  notify(): void {
    for (const listener of [...this.#listeners]) listener();
  }
}
