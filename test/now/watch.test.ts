// `sietch-otel now --watch` as a person uses it, in a terminal; and into a pipe.
import { afterEach, beforeEach, expect, test } from 'vitest';
import { runApp } from '../support/app.ts';
import { Place } from './preloaded.ts';
import { Terminal } from './terminal.ts';

let place: Place;
const terminals: Terminal[] = [];

function watch(args: readonly string[], size?: { rows?: number; columns?: number }): Terminal {
  const terminal = new Terminal(place, args, size);
  terminals.push(terminal);
  return terminal;
}
beforeEach(() => {
  place = new Place();
});
afterEach(async () => {
  for (const terminal of terminals.splice(0)) terminal.hangUp();
  await place.clear();
});

test.each([['q'], ['\x03']])(
  'it refreshes until %j, and the terminal is as before',
  async (key) => {
    const { pid } = await place.open(['each'], { OTEL_SERVICE_NAME: 'watched' });
    const terminal = watch([String(pid), '--watch'], { rows: 40 });
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
  const terminal = watch([String(pid), '--watch', '--no-color'], { rows: 20, columns: 50 });
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
  const terminal = watch([String(app.pid), '--watch', '--no-color'], { columns: 120 });
  await terminal.shows(/Open requests: none/);
  app.send({ order: 'block', ms: 4_500 });
  const [text] = await terminal.shows(/does not answer: its event loop is blocked \(for at least [23]\.\d s\)/);
  await terminal.shows(/longest block of the last minute [45]\.\d s/, terminal.drawn.indexOf(text));
  terminal.press('q');
  expect((await terminal.rest()).code).toBe('0');
}, 60_000);

test('a process that ends while it is watched is not found any more', async () => {
  const app = await place.open([]);
  const terminal = watch([String(app.pid), '--watch', '--no-color'], { columns: 200 });
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
