// The output of a server of ours: kept for tests to read, and watched for the line that says it is ready. No vitest here.

import type { ChildProcess } from 'node:child_process';

/** Characters of output kept: the end of it. */
const MAX_LENGTH = 8 * 1024 * 1024;

export class ServerLog {
  #text = '';

  follow(child: ChildProcess): void {
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (chunk: string) => {
        this.#text = (this.#text + chunk).slice(-MAX_LENGTH);
      });
    }
  }

  text(): string {
    return this.#text;
  }

  /**
   * Follows a child just started until it prints `ready`.
   * @throws {Error} with the end of the output when the child ends before that, or does not within `timeoutMs`.
   */
  async followUntil(child: ChildProcess, ready: RegExp, timeoutMs: number): Promise<void> {
    const start = this.#text.length;
    this.follow(child);
    await new Promise<void>((resolve, reject) => {
      const settle = (error?: Error): void => {
        clearTimeout(timer);
        child.stdout?.off('data', check);
        child.stderr?.off('data', check);
        child.off('close', onClose);
        child.off('error', settle);
        if (error === undefined) resolve();
        else reject(error);
      };
      const fail = (what: string): void => settle(new Error(`${what}. Its last output:\n${this.#text.slice(start).slice(-2_000)}`));
      const onClose = (code: number | null, signal: string | null): void =>
        fail(`The server ended (${code ?? signal}) before it was ready`);
      const check = (): void => {
        if (ready.test(this.#text.slice(start))) settle();
      };
      const timer = setTimeout(() => fail(`The server was not ready within ${timeoutMs} ms`), timeoutMs);
      child.stdout?.on('data', check);
      child.stderr?.on('data', check);
      child.once('close', onClose);
      child.once('error', settle);
    });
  }
}
