// `sietch-otel now`, once: what a person and a program read of processes that answer, and of those that cannot.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { isProcessState } from '../../src/now/process-state-shape.js';
import { runApp } from '../support/app.ts';
import { isReachableByAll, isRoot, NOBODY } from '../support/cache.ts';
import { ROOT } from '../support/checkout.ts';
import { eventually } from '../support/eventually.ts';
import { needsRight } from '../support/requirements.ts';
import { Place } from './preloaded.ts';

let place: Place;
beforeEach(() => {
  place = new Place();
});
afterEach(() => place.clear());

interface Shown {
  readonly pid: number;
  readonly service?: string;
  readonly state?: Readonly<Record<string, unknown>>;
  readonly unanswered?: { readonly reason: string; readonly forSeconds?: number; readonly message: string };
}

async function json(...args: string[]): Promise<{ code: number | null; processes: readonly Shown[] }> {
  const { code, stdout } = await place.now('--json', ...args);
  const { processes }: { processes: readonly Shown[] } = JSON.parse(stdout);
  return { code, processes };
}

test('one process in full: what is open, who holds what, how it is', async () => {
  const { pid } = await place.open(['each'], {
    OTEL_SERVICE_NAME: 'orders',
    OTEL_RESOURCE_ATTRIBUTES: 'service.version=1.4.2,service.instance.id=web-1',
    OTEL_TRACES_EXPORTER: 'otlp',
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1',
    SIETCH_OTEL_RECORDER: 'on',
  });
  const { code, stdout, stderr } = await place.now(String(pid));
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const lines = stdout.split('\n');
  expect(lines[0]).toMatch(new RegExp(`^orders 1\\.4\\.2 {2}pid ${pid}, up `));
  expect(lines[1]).toMatch(/^program +.*test\/app\/now-state\.cjs$/);
  expect(lines[2]).toMatch(new RegExp(`^runs +Node\\.js ${process.version}, @sietch/otel [\\d.]+, instance web-1$`));
  expect(lines[3]).toMatch(/^event loop +delay [\d.]+ ms, busy [\d.]+ %, no block known$/);
  expect(lines[4]).toMatch(/^memory +rss [\d.]+ MB, heap [\d.]+ MB of [\d.]+ [MG]B \([\d.]+ %\)$/);
  expect(lines[5]).toMatch(/^export +spans: 0 of 0 sent, dropped: none, 0 failed exports, queue 0 % full, to http:\/\/127\.0\.0\.1:1/);
  expect(lines[6]).toBe('recorder    0 of 0 recorded traces wait (0 kB), sent: none, not sent: none');
  expect(lines.slice(7)).toEqual([
    '',
    'Open requests: 1',
    '       AGE  REQUEST         WAITS FOR                 TRACE',
    `1 min 02 s  GET (no route)  GET api.paddle.com 9.0 s  ${'a'.repeat(32)}`,
    '',
    'Active jobs: 1',
    '  AGE  QUEUE  JOB  ATTEMPT  STEP      LOCK  WAITS FOR               TRACE',
    '4.0 s  mails  7          2  render  0.0 ms  pg SELECT orders 3.9 s  -',
    '',
    'Pools: 1',
    'POOL       SIZE  IN USE  IDLE  WAITING',
    'pg main  2 of 2       1     1        3',
    '',
    'Clients of main in use: 1',
    '      HELD  HOLDER        STATEMENT  IDLE IN TX  TRACE',
    `1 min 15 s  POST /orders  -          1 min 15 s  ${'b'.repeat(32)}`,
    'Checked out 1 min 15 s ago',
    '  at checkOut (/app/orders.js:12:3)',
    '  at handle (/app/orders.js:40:9)',
    '',
    'Redis connections: 1',
    'REDIS                   STATUS        IN FLIGHT  OFFLINE QUEUE  OLDEST COMMAND    AGE',
    'ioredis 127.0.0.1:6379  reconnecting          0             12  get             2.0 s',
    '',
    'Circuit breakers: 1',
    'BREAKER     STATE  NEXT PROBE IN',
    // The escape code of the name does not reach the terminal.
    'paddle [2J  open           4.2 s',
    '',
  ]);
});

test('as JSON: no control character of a name reaches the terminal, and the name is whole', async () => {
  const { pid } = await place.open(['idle'], { OTEL_SERVICE_NAME: 'or\u009b2Jders\u007f' });
  const { stdout } = await place.now('--json', String(pid));
  expect(stdout.trimEnd()).not.toMatch(/\p{Cc}/u);
  expect(JSON.parse(stdout)).toMatchObject({ processes: [{ pid, state: { service: { name: 'or\u009b2Jders\u007f' } } }] });
});

test('a service by its name, as JSON: the state as the process gives it', async () => {
  const { pid } = await place.open(['each'], { OTEL_SERVICE_NAME: 'orders by name' });
  await place.open(['idle'], { OTEL_SERVICE_NAME: 'other' });
  const { code, processes } = await json('orders by name');
  expect(code).toBe(0);
  expect(processes).toEqual([
    {
      pid,
      uid: process.geteuid?.(),
      state: expect.objectContaining({
        pid,
        service: { name: 'orders by name', version: expect.any(String), instance: expect.any(String) },
        counts: { requests: 1, jobs: 1, pools: 1, redis: 1, breakers: 1 },
        requests: [{ method: 'GET', age: 62.14, traceId: 'a'.repeat(32), waitsFor: 'GET api.paddle.com 9.0 s' }],
        eventLoop: expect.objectContaining({ delay: expect.any(Number) }),
        exports: [],
        unobserved: [],
        diagnostics: [],
      }),
    },
  ]);
});

test('the example of the page has what the state has', async () => {
  const [, example = ''] = /```json\n(.*?)```/s.exec(readFileSync(join(ROOT, 'docs/now.md'), 'utf8')) ?? [];
  const page: { processes: readonly Shown[] } = JSON.parse(example);
  expect(page.processes.map(({ state }) => state !== undefined && isProcessState(state))).toEqual([true, false]);
  const { pid } = await place.open(['each'], {
    OTEL_TRACES_EXPORTER: 'otlp',
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1',
    SIETCH_OTEL_RECORDER: 'on',
  });
  const { processes } = await json(String(pid));
  const members = (shown: readonly Shown[]) => Object.keys(shown[0]?.state ?? {}).sort();
  expect(members(page.processes)).toEqual(members(processes));
});

test('several processes are a row each, those of a service together', async () => {
  const service = { OTEL_SERVICE_NAME: 'rows' };
  const [one, other] = [await place.open(['each'], service), await place.open(['idle'], service)];
  const { code, stdout } = await place.now();
  // Processes of other tests may be blocked.
  expect([0, 3]).toContain(code);
  const [title, ...rows] = stdout.split('\n');
  expect(title).toMatch(/^SERVICE +PID +UPTIME +REQUESTS +JOBS +OLDEST +LOOP$/);
  const [first = '', second = ''] = rows.slice(rows.findIndex((row) => row.startsWith('rows (2)')));
  const found = [first, second].sort((row, next) => Number(row.includes(String(other.pid))) - Number(next.includes(String(other.pid))));
  expect(found[0]).toMatch(new RegExp(`^(rows \\(2\\))? +${one.pid} +[\\d.]+ m?s +1 +1 +1 min 02 s +[\\d.]+ ms$`));
  expect(found[1]).toMatch(new RegExp(`^(rows \\(2\\))? +${other.pid} +[\\d.]+ m?s +0 +0 +- +[\\d.]+ ms$`));
});

describe('a process that cannot answer', () => {
  test('is said to be blocked, with its name; the exit code is 3', async () => {
    const app = await place.open(['idle'], { OTEL_SERVICE_NAME: 'blocked one' });
    app.send({ order: 'block', ms: 60_000 });
    await app.waitForMessage((message) => (message instanceof Object && 'blocking' in message ? true : undefined));
    const message = `pid ${app.pid} does not answer: its event loop is blocked (for at least 1.0 s)`;
    expect(await place.now(String(app.pid))).toMatchObject({ code: 3, stdout: `${message}\n`, stderr: '' });
    expect(await place.now('blocked one')).toMatchObject({ code: 3, stdout: `${message}\n` });
    const { code, processes } = await json(String(app.pid));
    expect(code).toBe(3);
    expect(processes).toEqual([
      {
        pid: app.pid,
        uid: process.geteuid?.(),
        service: 'blocked_one',
        unanswered: { reason: 'blocked', forSeconds: expect.any(Number), message },
      },
    ]);
    app.signal('SIGKILL');
  });

  test('is said to be stopped', async () => {
    const app = await place.open([]);
    app.signal('SIGSTOP');
    const stopped = `pid ${app.pid} does not answer: it is stopped, by SIGSTOP or a debugger\n`;
    expect(await place.now(String(app.pid))).toMatchObject({
      code: 3,
      stdout: process.platform === 'linux' ? stopped : expect.any(String),
    });
    app.signal('SIGKILL');
  });
});

test('10,000 open requests and 1,000 active jobs: the oldest are shown, and the number of all', async () => {
  const { pid } = await place.open(['full', '10000']);
  const { stdout } = await place.now(String(pid));
  expect(stdout).toMatch(/^Open requests: 10000, the first 50 of them$/m);
  expect(stdout).toMatch(/^Active jobs: 1000, the first 50 of them$/m);
  const { processes } = await json(String(pid), '--most', '2');
  expect(processes[0]?.state).toMatchObject({
    counts: { requests: 10_000, jobs: 1_000 },
    requests: [{ age: 10_000 }, { age: 9_999 }],
    jobs: [{ id: '0' }, { id: '1' }],
  });
});

const otherUser = await needsRight('The right to become another user, who can read this checkout', async () => {
  if (!isRoot() || !isReachableByAll(ROOT)) throw new Error('Run the tests as root, in a folder that all users can enter.');
});

test('root sees processes of other users with --all, and removes nothing of theirs', otherUser, async () => {
  chmodSync(place.folder, 0o1777);
  const env = { ...place.env, PATH: process.env['PATH'], OTEL_TRACES_EXPORTER: 'none', OTEL_METRICS_EXPORTER: 'none' };
  const app = spawn(process.execPath, ['--require', join(ROOT, 'dist/register.js'), join(ROOT, 'test/app/now-state.cjs')], {
    uid: NOBODY,
    gid: NOBODY,
    env,
    cwd: '/',
    stdio: 'ignore',
  });
  const ended = once(app, 'close');
  try {
    const folder = join(place.folder, `sietch-otel-${NOBODY}`);
    await eventually('its socket is there', () => existsSync(folder) && readdirSync(folder).length === 1);
    expect((await json(String(app.pid))).code).toBe(1);
    const shown = await eventually('it answers', async () => {
      const { code, processes } = await json(String(app.pid), '--all');
      return code === 0 ? processes : undefined;
    });
    expect(shown).toEqual([expect.objectContaining({ pid: app.pid, uid: NOBODY })]);
    app.kill('SIGKILL');
    await ended;
    expect((await json(String(app.pid), '--all')).code).toBe(1);
    expect(readdirSync(folder)).toHaveLength(1);
  } finally {
    app.kill('SIGKILL');
  }
});

test('without a terminal nothing is coloured; with --color it is', async () => {
  const { pid } = await place.open(['each']);
  expect((await place.now(String(pid))).stdout).not.toContain('\x1b');
  expect((await place.now(String(pid), '--color')).stdout).toContain('\x1b[31m1 min 02 s\x1b[0m');
});

test.each([
  [['1', '2'], 'Expected one process id or service, got 2'],
  [['--most', 'all'], 'Expected `--most` to be a number from 0 to 1000, got "all"'],
  [['--nope'], "Unknown option '--nope'"],
])('%j is a usage error', async (args, message) => {
  const exit = await runApp('dist/cli/main.js', { args: ['now', ...args], preload: 'none' }).waitForExit();
  expect(exit).toMatchObject({ code: 2, stdout: '' });
  expect(exit.stderr).toContain(message);
});
