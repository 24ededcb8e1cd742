// `sietch-otel now --watch` as a person uses it, in a terminal; and into a pipe.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { runApp } from '../support/app.ts';
import { ROOT } from '../support/checkout.ts';
import { ChildOutput } from '../support/child-output.ts';
import { Place } from './preloaded.ts';

let place: Place;
const terminals: Terminal[] = [];
beforeEach(() => {
  place = new Place();
});
afterEach(async () => {
  for (const terminal of terminals.splice(0)) terminal.hangUp();
  await place.clear();
});

/** A shell in a terminal that runs the command, and shows the settings of the terminal before and after. */
class Terminal {
  readonly #output = new ChildOutput();
  readonly #child;
  readonly #ended: Promise<number | null>;

  constructor(args: readonly string[], { rows = 24, columns = 80 } = {}) {
    const command = [process.execPath, join(ROOT, 'dist/cli/main.js'), 'now', ...args].map((word) => `'${word}'`).join(' ');
    const script = `echo "before $(stty -g)"; ${command}; echo "exit code $?"; echo "after $(stty -g)"`;
    const { env } = place;
    this.#child = spawn('python3', [join(ROOT, 'test/now/terminal.py'), String(rows), String(columns), 'sh', '-c', script], {
      env: { ...process.env, ...env, NO_COLOR: '', TERM: 'xterm' },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    terminals.push(this);
    this.#output.follow(this.#child.stdout, this.#child.stderr);
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

test.each([['q'], ['\x03']])(
  'it refreshes until %j, and the terminal is as before',
  async (key) => {
    const { pid } = await place.open(['each'], { OTEL_SERVICE_NAME: 'watched' });
    const terminal = new Terminal([String(pid), '--watch'], { rows: 40 });
    const first = await terminal.shows(/ESC\[\?1049hESC\[\?25lESC\[H[\s\S]*watched [\s\S]*pid \d+, up ([\d.]+ m?s)[\s\S]*Open requests: 1/);
    const drawn = terminal.drawn.length;
    const second = await terminal.shows(/ESC\[H[\s\S]*pid \d+, up ([\d.]+ m?s)[\s\S]*Open requests: 1/, drawn);
    expect(second[1]).not.toBe(first[1]);
    terminal.press(key);
    const { code, isRestored, after } = await terminal.rest();
    expect({ code, isRestored }).toEqual({ code: '0', isRestored: true });
    expect(after).toContain('exit code');
    expect(terminal.drawn).toContain('ESC[?25hESC[?1049l');
  },
  60_000,
);

test('no line is wider than the terminal, and no more lines are drawn than it has', async () => {
  const { pid } = await place.open(['full', '1000']);
  const terminal = new Terminal([String(pid), '--watch', '--no-color'], { rows: 20, columns: 50 });
  await terminal.shows(/\d+ lines moreESC\[KESC\[J/);
  terminal.press('q');
  await terminal.rest();
  const frame = terminal.drawn.slice(terminal.drawn.indexOf('ESC[H') + 5, terminal.drawn.indexOf('ESC[J'));
  const lines = frame.replaceAll('ESC[K', '').split('\r\n');
  expect(lines).toHaveLength(20);
  expect(Math.max(...lines.map((line) => [...line].length))).toBeLessThanOrEqual(50);
}, 60_000);

test('a process that is blocked while it is watched is said to be, for longer and longer, until it answers again', async () => {
  const app = await place.open(['idle'], { OTEL_SERVICE_NAME: 'blocked for a while' });
  const terminal = new Terminal([String(app.pid), '--watch', '--no-color'], { columns: 120 });
  await terminal.shows(/Open requests: none/);
  app.send({ order: 'block', ms: 4_500 });
  const [text] = await terminal.shows(/does not answer: its event loop is blocked \(for at least [23]\.\d s\)/);
  await terminal.shows(/longest block of the last minute [45]\.\d s/, terminal.drawn.indexOf(text));
  terminal.press('q');
  expect((await terminal.rest()).code).toBe('0');
}, 60_000);

test('a process that ends while it is watched is not found any more', async () => {
  const app = await place.open([]);
  const terminal = new Terminal([String(app.pid), '--watch', '--no-color'], { columns: 200 });
  await terminal.shows(/Open requests: none/);
  await app.stop();
  await terminal.shows(/no preloaded process "\d+" of this user/);
  terminal.press('q');
  expect((await terminal.rest()).code).toBe('0');
}, 60_000);

test('into a pipe: a state a line with --json, until SIGTERM', async () => {
  const { pid } = await place.open(['each']);
  const command = runApp('dist/cli/main.js', { args: ['now', String(pid), '--watch', '--json'], preload: 'none', env: place.env });
  await command.waitForLine(/^\{"processes":\[\{"pid"/);
  command.signal('SIGTERM');
  const { code, stdout, stderr } = await command.waitForExit();
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  for (const line of stdout.trimEnd().split('\n')) expect(JSON.parse(line)).toMatchObject({ processes: [{ pid, state: { pid } }] });
});
