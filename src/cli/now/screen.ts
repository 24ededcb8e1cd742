// The output while `sietch-otel now --watch` runs: in a terminal a screen of its own that is drawn
// over each second, and the terminal as it was at the end; else text after text.
import { type Paper, paperOf } from '../../view/paper.js';

const ENTER = '\x1b[?1049h\x1b[?25l';
const LEAVE = '\x1b[?25h\x1b[?1049l';
const HOME = '\x1b[H';
const CLEAR_LINE = '\x1b[K';
const CLEAR_BELOW = '\x1b[J';
/** `q`, Ctrl-C and Ctrl-D, which in raw mode are no signals. */
const QUIT = ['q', 'Q', '\x03', '\x04'];
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export class Screen {
  /** Resolves when it is to end: by a key, a signal, or since nobody reads the output any more. */
  readonly ended: Promise<void>;
  #end = (): void => {};
  readonly #colors: boolean | undefined;
  readonly #isTerminal: boolean;
  #lines: readonly string[] = [];
  #isOpen = true;

  /** @param isText whether it is for a person, not for a program */
  constructor(isText: boolean, colors: boolean | undefined) {
    this.#colors = colors;
    this.#isTerminal = isText && process.stdout.isTTY === true;
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
    process.stdout.on('error', this.#end);
    for (const signal of SIGNALS) process.on(signal, this.#end);
    if (!this.#isTerminal) return;
    process.once('exit', this.#leave);
    process.stdout.write(ENTER);
    process.stdout.on('resize', this.#redraw);
    if (process.stdin.isTTY) {
      process.stdin.setRawMode(true);
      process.stdin.on('data', this.#readKeys);
      process.stdin.resume();
    }
  }

  get paper(): Paper {
    return paperOf(process.stdout, this.#colors);
  }

  /** In a terminal what does not fit is left out at the end. */
  draw(lines: readonly string[]): void {
    this.#lines = lines;
    if (this.#isTerminal) this.#redraw();
    else process.stdout.write(`${lines.join('\n')}\n`);
  }

  close(): void {
    for (const signal of SIGNALS) process.off(signal, this.#end);
    process.stdout.off('resize', this.#redraw);
    process.stdin.off('data', this.#readKeys);
    process.off('exit', this.#leave);
    if (this.#isTerminal) this.#leave();
  }

  readonly #redraw = (): void => {
    const rows = Math.max(1, process.stdout.rows ?? 24);
    const hidden = this.#lines.length - rows;
    const shown = hidden > 0 ? [...this.#lines.slice(0, rows - 1), `… ${hidden + 1} lines more`] : this.#lines;
    process.stdout.write(`${HOME}${shown.map((line) => `${line}${CLEAR_LINE}`).join('\n')}${CLEAR_BELOW}`);
  };

  readonly #readKeys = (keys: Buffer): void => {
    const text = keys.toString('latin1');
    if (QUIT.some((key) => text.includes(key))) this.#end();
  };

  readonly #leave = (): void => {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    if (process.stdin.isTTY) {
      process.stdin.setRawMode(false);
      process.stdin.pause();
    }
    process.stdout.write(LEAVE);
  };
}
