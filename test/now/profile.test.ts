// `sietch-otel profile` against a process under the preload, driven as a person would.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { App, AppOptions } from '../support/app.ts';
import { ROOT } from '../support/checkout.ts';
import { redisUrl } from '../support/servers.ts';
import { exchange, OWN_FOLDER, Place } from './preloaded.ts';

const SECRET = 'canary-5f3a9d';

let folder: string;
let place: Place;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'profile-test-'));
  place = new Place();
});
afterEach(async () => {
  await place.clear();
  rmSync(folder, { recursive: true, force: true });
});

/** Resolves once the app works and its socket is there. */
async function startApp(options: Omit<AppOptions, 'env' | 'args'> = {}): Promise<App> {
  const app = place.app([redisUrl(), SECRET], { OTEL_SERVICE_NAME: 'mail-service' }, options, 'test/app/profiled.cjs');
  await app.waitForMessage((message) => (typeof message === 'object' && message !== null && 'ready' in message ? true : undefined));
  await place.socketOf(app.pid);
  return app;
}

interface Command {
  /** Resolves when `pattern` is in what it has printed on stderr; `Profiling` is when the process has begun. */
  says(pattern: RegExp): Promise<void>;
  signal(signal: NodeJS.Signals): void;
  readonly ended: Promise<{ code: number | null; stdout: string; stderr: string }>;
}

function command(...args: string[]): Command {
  const env = { PATH: process.env['PATH'], HOME: process.env['HOME'], ...place.env };
  const child = spawn(process.execPath, [join(ROOT, 'dist/cli/main.js'), 'profile', ...args], { cwd: folder, env });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    stdout += chunk;
  });
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    stderr += chunk;
  });
  const ended = new Promise<{ code: number | null; stdout: string; stderr: string }>((resolve) => {
    child.once('close', (code) => resolve({ code, stdout, stderr }));
  });
  return {
    says: async (pattern) => {
      await expect.poll(() => stderr, { timeout: 30_000 }).toMatch(pattern);
    },
    signal: (signal) => child.kill(signal),
    ended,
  };
}

function shareOf(rows: readonly { name: string; share: number }[], name: string): number {
  return rows.find((row) => row.name === name)?.share ?? 0;
}

describe('a CPU profile', () => {
  test('names the hottest functions and the share of each route and queue, and holds no values', async () => {
    const app = await startApp();
    const { code, stdout, stderr } = await command(String(app.pid), '--seconds', '3', '--json').ended;
    expect(code, stderr).toBe(0);
    const { file, functions, routes, busy, seconds } = JSON.parse(stdout);
    expect(seconds).toBeGreaterThan(1);
    expect(busy).toBeGreaterThan(0.05);
    expect(functions).toHaveLength(10);
    expect(functions[0]).toEqual({ name: 'burn', place: expect.stringMatching(/test\/app\/profiled\.cjs:12$/), share: expect.any(Number) });
    expect(functions[0].share).toBeGreaterThan(0.1);
    // In one cycle: 30 ms for an order, 15 for a mail, 5 for a cheap one and 7 for nobody, 3 without a route, and what the libraries need.
    const order = shareOf(routes, 'route /orders/:id');
    const mail = shareOf(routes, `queue mails-${app.pid}`);
    const cheap = shareOf(routes, 'route /cheap');
    expect(order).toBeGreaterThan(mail);
    expect(mail).toBeGreaterThan(cheap);
    expect(cheap).toBeGreaterThan(0);
    expect(shareOf(routes, 'requests without a route')).toBeGreaterThan(0);
    expect(shareOf(routes, 'no route or queue')).toBeGreaterThan(0);
    const sum = routes.reduce((total: number, { share }: { share: number }) => total + share, 0);
    expect(sum).toBeCloseTo(1, 5);
    expect(readdirSync(folder)).toEqual([file.slice(folder.length + 1)]);
    expect(file).toMatch(new RegExp(`/mail-service-${app.pid}-[\\d-]+T[\\d-]+\\.cpuprofile$`));
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const written = readFileSync(file, 'utf8');
    expect(JSON.parse(written).samples.length).toBeGreaterThan(50);
    for (const text of [stdout, stderr, written]) expect(text).not.toContain(SECRET);
  });

  test('by the name of the service, as a table', async () => {
    await startApp();
    const { code, stdout, stderr } = await command('mail-service', '--seconds', '1').ended;
    expect(code, stderr).toBe(0);
    expect(stdout).toMatch(/^busy for \d+ % of 1\.\d s; the shares are of that\n\n +SELF {2}FUNCTION +FILE\n/);
    expect(stdout).toMatch(/\n +[\d.]+ % {2}burn +\S+profiled\.cjs:12\n/);
    expect(stdout).toMatch(/\n +TIME {2}ROUTE OR QUEUE\n +[\d.]+ % {2}route \/orders\/:id\n/);
  });

  test('one at a time; Ctrl+C ends it in the process too', async () => {
    const app = await startApp();
    const first = command(String(app.pid), '--seconds', '60');
    await first.says(/Profiling/);
    expect((await command(String(app.pid), '--seconds', '1').ended).stderr).toContain('another profile of this process');
    first.signal('SIGINT');
    const { code, stderr } = await first.ended;
    expect(code).toBe(130);
    expect(stderr).toMatch(/Ended: nothing is written\.\n$/);
    await expect.poll(async () => (await command(String(app.pid), '--seconds', '1').ended).code, { timeout: 30_000 }).toBe(0);
    expect(readdirSync(folder)).toHaveLength(1);
  });

  test('a process that ends meanwhile, one that is none of ours, and a wrong number of seconds', async () => {
    const app = await startApp();
    const running = command(String(app.pid), '--seconds', '60');
    await running.says(/Profiling/);
    app.signal('SIGKILL');
    const { code, stderr } = await running.ended;
    expect(code).toBe(1);
    expect(stderr).toMatch(new RegExp(`sietch-otel: pid ${app.pid}: the process closed the connection`));
    const none = await command('1').ended;
    expect([none.code, none.stderr]).toEqual([1, expect.stringMatching(/^sietch-otel: there is no preloaded process "1"/)]);
    const wrong = await command('1', '--seconds', '61').ended;
    expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringMatching(/number from 1 to 60, got "61"/)]);
    expect(readdirSync(folder)).toEqual([]);
  });

  test('without an inspector there is none, and it is said why', async () => {
    const app = await startApp({ nodeArgs: ['--require', join(ROOT, 'test/app/no-inspector.cjs')] });
    const { code, stderr } = await command(String(app.pid), '--seconds', '1').ended;
    expect(code).toBe(1);
    expect(stderr).toContain('was built without the inspector');
  });

  test('what is logged meanwhile is not held afterwards', async () => {
    const app = await startApp({ nodeArgs: ['--expose-gc'] });
    const running = command(String(app.pid), '--seconds', '3');
    await running.says(/Profiling/);
    const answered = (text: string) =>
      app.waitForMessage((message) =>
        typeof message === 'object' && message !== null && Reflect.get(message, 'answer') === text ? text : undefined,
      );
    app.send({ ask: 'log an object' });
    await answered('logged');
    expect((await running.ended).code).toBe(0);
    app.send({ ask: 'is it held' });
    await answered('collected');
  });
});

describe('a heap snapshot', () => {
  test('is written for its reader alone, and nothing is left elsewhere', async () => {
    const app = await startApp();
    const { code, stdout, stderr } = await command(String(app.pid), '--heap', '--json').ended;
    expect(code, stderr).toBe(0);
    expect(stderr).toContain('The snapshot holds everything that is in its memory, passwords and keys too');
    const { file, bytes } = JSON.parse(stdout);
    expect(statSync(file)).toMatchObject({ size: bytes });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readFileSync(file, 'utf8').slice(0, 200)).toContain('"node_fields"');
    expect(place.sockets()).toEqual([await place.socketOf(app.pid)]);
  });

  test('is removed when whoever asked has gone meanwhile', async () => {
    const app = await startApp();
    const path = await place.socketOf(app.pid);
    // The process stands still from the first part on.
    const gone = connect(path, () => gone.write(`${JSON.stringify({ sietch: 1, ask: 'heap' })}\n`));
    gone.once('data', () => gone.destroy());
    await once(gone, 'close');
    // Answered after the snapshot has been written.
    expect(await exchange(path, `${JSON.stringify({ sietch: 1, ask: 'state' })}\n`)).toContain('"answer"');
    await expect.poll(() => place.sockets()).toEqual([path]);
  });
});

describe('a process that is not to be trusted', () => {
  let server: Server;
  afterEach(() => new Promise((resolve) => server.close(resolve)));

  /** Answers with these lines, whatever it is asked. */
  async function impostor(...replies: object[]): Promise<void> {
    const sockets = join(place.folder, OWN_FOLDER);
    mkdirSync(sockets, { mode: 0o700 });
    server = createServer((socket) => {
      socket.on('error', () => {});
      socket.once('data', () => socket.end(replies.map((reply) => `${JSON.stringify({ sietch: 1, ...reply })}\n`).join('')));
    });
    await new Promise<void>((resolve) => server.listen(join(sockets, `now-${process.pid}-abc123-evil.sock`), resolve));
  }

  test('its words reach the terminal without escape codes', async () => {
    await impostor({ error: 'failed', message: '\u001b]0;owned\u0007\u009b2J' });
    const { code, stderr } = await command('evil').ended;
    expect(code).toBe(1);
    expect(stderr).not.toMatch(/[^\P{Cc}\n]/u);
    expect(stderr).toContain(`sietch-otel: pid ${process.pid}:`);
  });

  test('what is no profile is not written', async () => {
    await impostor({ part: '{"nodes":[]}' }, { answer: { routes: [] } });
    const { code, stderr } = await command('evil').ended;
    expect([code, stderr]).toEqual([1, expect.stringContaining('the answer is none of this version of @sietch/otel')]);
    expect(readdirSync(folder)).toEqual([]);
  });

  test('no other file is taken for its heap snapshot', async () => {
    const other = join(folder, 'heap-1-ab.heapsnapshot');
    writeFileSync(other, 'mine');
    await impostor({ answer: { file: other } });
    const { code, stderr } = await command('evil', '--heap').ended;
    expect([code, stderr]).toEqual([1, expect.stringContaining('names a file that is no heap snapshot of its own')]);
    expect(readFileSync(other, 'utf8')).toBe('mine');
  });

  test('nor what a link leads to', async () => {
    const other = join(folder, 'other');
    writeFileSync(other, 'mine');
    const link = join(place.folder, OWN_FOLDER, 'heap-1-ab.heapsnapshot');
    await impostor({ answer: { file: link } });
    symlinkSync(other, link);
    const { code, stderr } = await command('evil', '--heap').ended;
    expect([code, stderr]).toEqual([1, expect.stringContaining('ELOOP')]);
    expect(readFileSync(other, 'utf8')).toBe('mine');
    expect(readdirSync(folder)).toEqual(['other']);
  });
});
