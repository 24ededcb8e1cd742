// Our lines on a stderr that takes none: the app runs, prints and ends as it does bare.
import { execFileSync } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, readSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ENV, type Ending, end } from '../exit/exit-ways.ts';
import { type AppOptions, runApp } from '../support/app.ts';
import { freePort } from '../support/ports.ts';

const FILE = 'test/app/own-lines.cjs';
const folder = mkdtempSync(join(tmpdir(), 'sietch-otel-stderr-'));
const pipe = join(folder, 'pipe');
/** Both ends: what is written stays in the pipe. */
let held: number;
let url: string;

beforeAll(async () => {
  url = `http://127.0.0.1:${await freePort()}`;
  execFileSync('mkfifo', [pipe, join(folder, 'left')]);
  held = openSync(pipe, constants.O_RDWR | constants.O_NONBLOCK);
  fill(held);
});
afterAll(() => {
  closeSync(held);
  rmSync(folder, { recursive: true });
});

function fill(fd: number): void {
  for (const size of [4096, 1]) {
    try {
      for (;;) writeSync(fd, Buffer.alloc(size));
    } catch {
      // Full, for writes of this size.
    }
  }
}

function drain(fd: number): string {
  const [buffer, parts] = [Buffer.alloc(65_536), ['']];
  try {
    for (;;) parts.push(buffer.toString('utf8', 0, readSync(fd, buffer)));
  } catch {
    return parts.join('').replace(/^\0+/, '');
  }
}

/** What a shell does to stderr before it runs node. */
const STATES = [
  ['closed', 'exec 2>&-'],
  ['on a full disk', 'exec 2>/dev/full'],
  ['a pipe whose reader has gone', `exec 3<>'${join(folder, 'left')}' 2>'${join(folder, 'left')}' 3>&-`],
  ['a pipe that nobody reads', `exec 2>'${pipe}'`],
] as const;

/** A node whose stderr is in this state. */
function nodeWith(redirection: string): string {
  const script = join(mkdtempSync(join(folder, 'bin-')), 'node');
  writeFileSync(script, `#!/bin/sh\n${redirection}\nexec '${process.execPath}' "$@"\n`, { mode: 0o755 });
  return script;
}

/** Lines of all kinds: start-up line, wrong setting, event, what was lost at exit. */
function options(): AppOptions {
  const env = {
    ...ENV,
    SIETCH_OTEL_BANNER: 'on',
    SIETCH_OTEL_PG_SLOW_MS: 'never',
    OTEL_BSP_SCHEDULE_DELAY: '100',
    SIETCH_OTEL_WORKER_THREADS: 'on',
  };
  return { receiver: { url }, env };
}

type How = Parameters<typeof end>[0];
const WAYS: readonly How[] = [
  { way: 'natural' },
  { way: 'exit' },
  { way: 'throw' },
  { way: 'throw, caught' },
  { way: 'signal', signal: 'SIGTERM' },
  { way: 'worker terminated' },
];

const outcome = ({ code, signal, stdout, stderr }: Ending) => ({ code, signal, stdout, stderr });

const kinds = [/^\[sietch-otel\] [\d.]+ service "/m, /SIETCH002/, /^\{.*own-lines/m, /SIETCH095/];

test('where stderr is read, there are lines of all kinds', async () => {
  const { stderr } = await end({ way: 'exit' }, options(), FILE);
  for (const kind of kinds) expect(stderr).toMatch(kind);
});

test.for(STATES)('stderr %s: each end of the app is as it is bare', { timeout: 120_000 }, async ([state, redirection]) => {
  const node = nodeWith(redirection);
  // Node's own lines about an error wait for the reader, bare too.
  const ways = WAYS.filter(({ way }) => state !== 'a pipe that nobody reads' || way !== 'throw');
  const bare = await Promise.all(ways.map((how) => end(how, { preload: 'none', node }, FILE)));
  const observed = await Promise.all(ways.map((how) => end(how, { ...options(), node }, FILE)));
  expect(observed.map(outcome)).toEqual(bare.map(outcome));
});

test('lines that were lost are counted in front of the next one', async () => {
  const app = runApp(FILE, { args: ['signal', 'SIGTERM'], ...options(), node: nodeWith(`exec 2>'${pipe}'`) });
  await app.waitForLine(/^ready$/);
  drain(held);
  app.signal('SIGTERM');
  await app.waitForExit();
  expect(drain(held)).toMatch(
    /^\[sietch-otel\] warn SIETCH140 [^\n]+: \d+ lines? before this one Remedy: [^\n]+\n\[sietch-otel\] warn SIETCH09/,
  );
});

test('whoever has put a function in the place of process.stderr.write gets our lines', async () => {
  const capture = join(folder, 'capture.cjs');
  writeFileSync(capture, 'process.stderr.write = (text) => process.stdout.write(text);');
  const nodeArgs = ['--require', capture];
  const { stdout, stderr } = await end({ way: 'exit' }, { ...options(), nodeArgs }, FILE);
  for (const kind of kinds.slice(2)) {
    expect(stdout).toMatch(kind);
    expect(stderr).not.toMatch(kind);
  }
});
