// The socket by which a process answers `sietch-otel now`: who can reach it, what it answers, when it comes and goes.
import { execFile } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdirSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { isRoot, NOBODY } from '../support/cache.ts';
import { eventually } from '../support/eventually.ts';
import { needsRight } from '../support/requirements.ts';
import { exchange, OWN_FOLDER, Place } from './preloaded.ts';

const run = promisify(execFile);

let place: Place;
beforeEach(() => {
  place = new Place();
});
afterEach(() => place.clear());

const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8);
const line = (content: object) => `${JSON.stringify(content)}\n`;

test('it is in a folder of the user, which no other can enter', async () => {
  const { pid } = await place.open([]);
  const path = await place.socketOf(pid);
  await eventually('its mode is set', () => modeOf(path) === '600');
  expect(modeOf(join(place.folder, OWN_FOLDER))).toBe('700');
  expect(statSync(path).isSocket()).toBe(true);
});

const root = await needsRight('The right to become another user', async () => {
  if (!isRoot()) throw new Error('Run the tests as root.');
});

test('another user cannot connect, even where the folder lets it in', root, async () => {
  const { pid } = await place.open([]);
  const path = await place.socketOf(pid);
  await eventually('its mode is set', () => modeOf(path) === '600');
  const attempt = `require('node:net').connect(${JSON.stringify(path)}).on('error', ({ code }) => console.log(code)).on('connect', () => { console.log('connected'); process.exit(); })`;
  const asNobody = async () => (await run(process.execPath, ['-e', attempt], { uid: NOBODY, gid: NOBODY, cwd: '/' })).stdout.trim();
  chmodSync(place.folder, 0o755);
  expect(await asNobody()).toBe('EACCES');
  chmodSync(join(place.folder, OWN_FOLDER), 0o755);
  expect(await asNobody()).toBe('EACCES');
  // The user itself can.
  chmodSync(join(place.folder, OWN_FOLDER), 0o700);
  expect(await exchange(path, line({ sietch: 1, ask: 'state' }))).toContain(`"pid":${pid}`);
});

test('one question has one answer', async () => {
  const { pid } = await place.open([]);
  const answer = await exchange(
    await place.socketOf(pid),
    `${line({ sietch: 1, ask: 'state', most: 3 })}${line({ sietch: 1, ask: 'state' })}`,
  );
  expect(answer.endsWith('\n')).toBe(true);
  expect(answer.split('\n')).toHaveLength(2);
  expect(JSON.parse(answer)).toMatchObject({ sietch: 1, answer: { pid, node: process.version } });
});

test.each([
  [
    'another version',
    line({ sietch: 2, ask: 'state' }),
    { error: 'unknown_version', message: 'this process speaks version 1 of the protocol' },
  ],
  [
    'another question',
    line({ sietch: 1, ask: 'toString' }),
    { error: 'unknown_question', message: expect.stringContaining('this process answers heap, profile, state') },
  ],
  ['no name', line({ sietch: 1 }), { error: 'unreadable', message: 'expected the name of a question in "ask"' }],
  [
    'a wrong parameter',
    line({ sietch: 1, ask: 'state', most: 1e9 }),
    { error: 'failed', message: 'expected "most" to be a whole number from 0 to 1000' },
  ],
  ['no JSON', 'GET / HTTP/1.1\r\n\r\n', { error: 'unreadable', message: expect.stringContaining('expected a line of JSON') }],
  ['too much', `{"ask":"${'x'.repeat(70_000)}`, { error: 'unreadable', message: 'a question has at most 4096 characters' }],
])('%s is refused in words', async (_, question, refusal) => {
  const { pid } = await place.open([]);
  expect(JSON.parse(await exchange(await place.socketOf(pid), question))).toEqual({ sietch: 1, ...refusal });
});

test('an answer that JSON cannot hold is none, and the process lives on', async () => {
  const path = await place.socketOf((await place.open(['odd'])).pid);
  for (const answer of [await exchange(path, line({ sietch: 1, ask: 'state' })), await exchange(path, line({ sietch: 1, ask: 'state' }))]) {
    expect(JSON.parse(answer)).toEqual({ sietch: 1, error: 'failed', message: 'TypeError' });
  }
});

test.each(['exit', 'end', 'SIGTERM', 'SIGINT'] as const)('%s removes it', async (way) => {
  const app = await place.open([]);
  if (way === 'exit' || way === 'end') app.send({ order: way });
  else app.signal(way);
  const { code, signal } = await app.waitForExit(10_000);
  expect(signal ?? code).toBe(way.startsWith('SIG') ? way : 0);
  expect(place.sockets()).toEqual([]);
});

test('a process with the socket open ends as soon as it has nothing left to do', async () => {
  // Longer than the second after which the socket is opened.
  const timer = join(place.folder, 'timer.cjs');
  await run('sh', ['-c', `echo 'setTimeout(() => console.log(require("node:fs").readdirSync(process.argv[2]).length), 1500)' > ${timer}`]);
  const app = place.app([join(place.folder, OWN_FOLDER)], {}, {}, timer);
  // The channel to the test would not keep it alive: nobody listens to messages there.
  expect(await app.waitForExit(10_000)).toMatchObject({ code: 0, stdout: '1\n', stderr: '' });
  expect(place.sockets()).toEqual([]);
});

test('a process that ends before a second opens none', async () => {
  expect(await place.app(['brief']).stop()).toMatchObject({ stderr: '' });
  expect(existsSync(join(place.folder, OWN_FOLDER))).toBe(false);
});

test('a socket that a killed process left is removed by the next process, and by who asks', async () => {
  const kill = async () => {
    const app = await place.open([]);
    app.signal('SIGKILL');
    await app.waitForExit();
    return app.pid;
  };
  const first = await kill();
  expect(place.sockets()).toHaveLength(1);
  // Younger ones may be those of a process that is about to listen.
  await eventually('it is old enough', () => Date.now() - statSync(place.sockets()[0] ?? '').ctimeMs > 2_100);
  const second = await place.open([]);
  await eventually('the stale one is gone', () => place.sockets().length === 1);
  expect(await place.socketOf(second.pid)).not.toContain(`now-${first}-`);
  second.signal('SIGKILL');
  await second.waitForExit();
  await eventually('it is old enough', () => Date.now() - statSync(place.sockets()[0] ?? '').ctimeMs > 2_100);
  const exit = await place.now(String(second.pid));
  expect(exit).toMatchObject({ code: 1, stdout: '' });
  expect(exit.stderr).toMatch(
    new RegExp(
      `^sietch-otel: no preloaded process "${second.pid}" of this user \\(uid ${process.geteuid?.()}\\) was found: .*docs/now\\.md`,
    ),
  );
  expect(place.sockets()).toEqual([]);
});

test('SIETCH_OTEL_NOW=off: there is none', async () => {
  const app = place.app([], { SIETCH_OTEL_NOW: 'off' });
  const other = await place.open([]);
  // Both have listened, after which the other one has opened its socket.
  await app.waitForMessage(() => true);
  expect(place.sockets()).toEqual([await place.socketOf(other.pid)]);
});

test('worker threads have none of their own', async () => {
  const app = await place.open(['threads'], { SIETCH_OTEL_WORKER_THREADS: 'on' });
  expect(place.sockets()).toEqual([await place.socketOf(app.pid)]);
});

const PLANTED = [
  ['a link', (folder: string, elsewhere: string) => symlinkSync(elsewhere, folder), /no folder/],
  ['open to others', (folder: string) => mkdirSync(folder, { mode: 0o755 }), /can be entered by other users \(mode 755\)/],
] as const;

test.each(PLANTED)('a folder in its place that is %s is not used: one line, and the command says so', async (_, plant, reason) => {
  const elsewhere = join(place.folder, 'elsewhere');
  mkdirSync(elsewhere, { mode: 0o700 });
  plant(join(place.folder, OWN_FOLDER), elsewhere);
  const app = place.app([]);
  await app.waitForLine(/SIETCH220/);
  const exit = await place.now(String(app.pid));
  expect(exit.code).toBe(1);
  expect(exit.stderr).toMatch(
    new RegExp(`^sietch-otel: not looked into, since another user could have put something there: .*${reason.source}`),
  );
  app.signal('SIGTERM');
  const { stderr } = await app.waitForExit();
  expect(stderr.trimEnd().split('\n')).toEqual([
    expect.stringMatching(new RegExp(`^\\[sietch-otel\\] warn SIETCH220 .*could not be opened: .*${reason.source}.* Remedy: `)),
  ]);
  expect([statSync(elsewhere).nlink, place.sockets()]).toEqual([2, []]);
});

test('a folder of another user in its place is not used', root, async () => {
  const folder = join(place.folder, OWN_FOLDER);
  mkdirSync(folder, { mode: 0o700 });
  chownSync(folder, NOBODY, NOBODY);
  const app = place.app([]);
  await app.waitForLine(new RegExp(`SIETCH220 .* belongs to another user \\(uid ${NOBODY}\\)`));
  expect(place.sockets()).toEqual([]);
});

test('without a place for it nothing is said, but to those who ask', root, async () => {
  const noPlace = join(place.folder, 'a'.repeat(100));
  const app = place.app([], { TMPDIR: noPlace, OTEL_LOG_LEVEL: 'info' });
  await app.waitForLine(/SIETCH220 .*has \d+ bytes, and the path of a socket may have 10[37]/);
  rmSync(noPlace, { recursive: true, force: true });
});

test("the folder of the session is used where it is the user's own", async () => {
  const runtime = join(place.folder, 'runtime');
  mkdirSync(runtime, { mode: 0o700 });
  const app = place.app([], { XDG_RUNTIME_DIR: runtime });
  await eventually('the socket is there', () => existsSync(join(runtime, 'sietch-otel')));
  expect(modeOf(join(runtime, 'sietch-otel'))).toBe('700');
  chmodSync(runtime, 0o755);
  const other = await place.open([], { XDG_RUNTIME_DIR: runtime });
  expect(place.sockets()).toEqual([await place.socketOf(other.pid)]);
  app.signal('SIGTERM');
});
