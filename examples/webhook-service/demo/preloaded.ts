// One process of the service, started as a user would: node --require @sietch/otel/register FILE.
import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { endChild, spawnGuarded } from '../../../test/support/guarded-process.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const START_TIMEOUT_MS = 20_000;

export interface PreloadedOptions {
  readonly env: Readonly<Record<string, string>>;
  /** How the distribution is loaded. */
  readonly flag?: '--require' | '--import';
  /** The node to run. Default: this one. */
  readonly node?: string;
}

export class Preloaded {
  /** What it wrote, a line each: pino's on standard output, the distribution's on standard error. */
  readonly lines: string[] = [];
  readonly #child: ChildProcess;
  readonly #file: string;
  readonly #waiting = new Set<() => void>();

  constructor(file: string, options: PreloadedOptions) {
    this.#file = file;
    this.#child = spawnGuarded({
      command: options.node ?? process.execPath,
      args: [options.flag ?? '--require', '@sietch/otel/register', fileURLToPath(new URL(`../${file}`, import.meta.url))],
      cwd: ROOT,
      env: { ...process.env, NODE_OPTIONS: '', ...options.env },
    });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      if (stream) createInterface({ input: stream }).on('line', (line) => this.#take(line));
    }
    this.#child.once('exit', () => this.#wake());
  }

  /** The first line that `matches`, already there or still to come. */
  async line(matches: (line: string) => boolean, timeoutMs = START_TIMEOUT_MS): Promise<string> {
    const deadline = Date.now() + timeoutMs;
    for (;;) {
      const found = this.lines.find(matches);
      if (found !== undefined) return found;
      const left = deadline - Date.now();
      if (left <= 0 || this.#child.exitCode !== null) {
        throw new Error(`${this.#file} did not get ready (exit code ${this.#child.exitCode}). It wrote:\n${this.lines.join('\n')}`);
      }
      await this.#change(left);
    }
  }

  async stop(): Promise<void> {
    await endChild(this.#child, 'SIGTERM');
  }

  #take(line: string): void {
    this.lines.push(line);
    this.#wake();
  }

  #wake(): void {
    for (const resolve of this.#waiting) resolve();
  }

  #change(timeoutMs: number): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        this.#waiting.delete(done);
        resolve();
      };
      const timer = setTimeout(done, timeoutMs);
      this.#waiting.add(done);
    });
  }
}
