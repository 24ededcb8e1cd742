// A command in a process group of its own, with everything that it starts: npm, a shell, a runner,
// the app. It can always be ended, and a process that holds its output cannot make the doctor wait.
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';

export interface GroupOptions {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  /** Gets each line that any of its processes prints. */
  readonly onLine: (line: string) => void;
}

/** Longer output without a line break is split. */
const MAX_LINE_LENGTH = 10_000;
/** From SIGKILL to the end of the output. Only a process that left the group can hold it longer. */
const CLOSE_MS = 1000;
/** Poll interval, since there is no event for an empty group. */
const POLL_MS = 20;

export class ProcessGroup {
  readonly #child: ChildProcessByStdio<null, Readable, Readable>;
  readonly #killAtExit = () => {
    this.#signal('SIGKILL');
  };
  /**
   * Resolves when the command itself has ended, with how: `exit code 1`, a signal, `cannot be
   * started: …`.
   */
  readonly exited: Promise<string>;
  /** Resolves when nobody holds its output any more. */
  readonly closed: Promise<void>;

  constructor({ command, args, env, onLine }: GroupOptions) {
    this.#child = spawn(command, args, { env, stdio: ['inherit', 'pipe', 'pipe'], detached: process.platform !== 'win32' });
    this.exited = new Promise((resolve) => {
      this.#child.once('error', (error) => resolve(`cannot be started: ${'code' in error ? error.code : error.name}`));
      this.#child.once('exit', (code, signal) => resolve(signal ?? `exit code ${code}`));
    });
    this.closed = new Promise((resolve) => {
      this.#child.once('error', () => resolve());
      this.#child.once('close', () => resolve());
    });
    for (const stream of [this.#child.stdout, this.#child.stderr]) readLines(stream, onLine);
    process.once('exit', this.#killAtExit);
  }

  /** SIGTERM to all of it, SIGKILL to what is left after `graceMs`. Always resolves. */
  async end(graceMs: number): Promise<void> {
    this.#signal('SIGTERM');
    await this.#untilEmpty(graceMs);
    this.#signal('SIGKILL');
    await within(CLOSE_MS, Promise.all([this.exited, this.closed]));
    for (const stream of [this.#child.stdout, this.#child.stderr]) stream.destroy();
    process.removeListener('exit', this.#killAtExit);
  }

  async #untilEmpty(ms: number): Promise<void> {
    const endsAt = performance.now() + ms;
    await within(ms, this.exited);
    while (performance.now() < endsAt && this.#signal(0)) await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }

  /** Whether anybody is left in the group. */
  #signal(signal: NodeJS.Signals | 0): boolean {
    const { pid } = this.#child;
    if (pid === undefined) return false;
    try {
      return process.platform === 'win32' ? this.#child.kill(signal) : process.kill(-pid, signal);
    } catch {
      return false;
    }
  }
}

/** Resolves with the result, or with `undefined` after `ms`. */
export async function within<Result>(ms: number, promise: Promise<Result>): Promise<Result | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, ms, undefined);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

function readLines(stream: Readable, onLine: (line: string) => void): void {
  let rest = '';
  stream.setEncoding('utf8');
  stream.on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) onLine(line);
    if (rest.length < MAX_LINE_LENGTH) return;
    onLine(rest);
    rest = '';
  });
  stream.once('close', () => {
    if (rest !== '') onLine(rest);
  });
  stream.on('error', () => {});
}
