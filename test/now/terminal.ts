// `sietch-otel now` in a terminal, as a person uses it.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { ROOT } from '../support/checkout.ts';
import { ChildOutput } from '../support/child-output.ts';
import type { Place } from './preloaded.ts';

/** A shell in a terminal that runs the command, and shows the settings of the terminal before and after. */
export class Terminal {
  readonly #output = new ChildOutput();
  readonly #child;
  readonly #ended: Promise<number | null>;

  constructor({ env }: Place, args: readonly string[], { rows = 24, columns = 80 } = {}) {
    const command = [process.execPath, join(ROOT, 'dist/cli/main.js'), 'now', ...args].map((word) => `'${word}'`).join(' ');
    const script = `echo "before $(stty -g)"; ${command}; echo "exit code $?"; echo "after $(stty -g)"`;
    this.#child = spawn('python3', [join(ROOT, 'test/now/terminal.py'), String(rows), String(columns), 'sh', '-c', script], {
      env: { ...process.env, ...env, NO_COLOR: '', TERM: 'xterm' },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    this.#output.follow(this.#child.stdout, this.#child.stderr);
    // Keys that are pressed when it has ended.
    this.#child.stdin.on('error', () => {});
    this.#ended = new Promise((resolve) => {
      this.#child.once('close', (code) => {
        this.#output.end();
        resolve(code);
      });
    });
  }

  /** As when the window is closed. */
  hangUp(): void {
    this.#child.kill();
  }

  press(keys: string): void {
    this.#child.stdin.write(keys);
  }

  /** Resolves with the first match in what has been drawn since `from`. */
  shows(pattern: RegExp, from = 0): Promise<RegExpExecArray> {
    return this.#output.waitFor(String(pattern), () => pattern.exec(this.drawn.slice(from)) ?? undefined, 20_000);
  }

  /** With `ESC` for that character. */
  get drawn(): string {
    return this.#output.stdout.replaceAll('\x1b', 'ESC');
  }

  /** What is in the terminal after its command has ended. */
  async rest(): Promise<{ code: string | undefined; isRestored: boolean; after: string }> {
    await this.#ended;
    const [, before] = /before ([\w:]+)/.exec(this.drawn) ?? [];
    const [, code] = /exit code (\d+)/.exec(this.drawn) ?? [];
    const [, settings] = /after ([\w:]+)/.exec(this.drawn) ?? [];
    return {
      code,
      isRestored: before !== undefined && before === settings,
      after: this.drawn.slice(this.drawn.lastIndexOf('ESC[?1049l')),
    };
  }
}
