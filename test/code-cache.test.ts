// The code cache of the bundle: a help that no other process takes away, that no damage turns into a crash, and that no other user can slip code into.
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { type AppOptions, type Exit, runApp } from './support/app.ts';
import { isRoot, NOBODY } from './support/cache.ts';
import { ROOT } from './support/checkout.ts';

const folder = mkdtempSync(join(tmpdir(), 'sietch-otel-code-cache-'));
afterAll(() => rmSync(folder, { recursive: true }));
const app = join(folder, 'app.cjs');
writeFileSync(app, 'console.log("ran")');

async function start(cacheFolder: string, options: AppOptions = {}): Promise<Exit> {
  const env = { SIETCH_OTEL_CODE_CACHE: cacheFolder, OTEL_TRACES_EXPORTER: 'none', OTEL_METRICS_EXPORTER: 'none' };
  const exit = await runApp(app, { env, ...options }).waitForExit(30_000);
  expect({ ...exit, stderr: '' }, exit.stderr).toEqual({ code: 0, signal: null, stdout: 'ran\n', stderr: '' });
  return exit;
}

/** The caches that are there when a process with these flags has ended, by name; one that is written again has another inode. */
async function cachesAfter(cacheFolder: string, ...nodeArgs: string[]): Promise<Map<string, number>> {
  await start(cacheFolder, { nodeArgs });
  return new Map(readdirSync(cacheFolder).map((name) => [name, statSync(join(cacheFolder, name)).ino]));
}

/** A folder with the cache that a start has left there, and the path of that. */
async function makeCache(): Promise<[cacheFolder: string, file: string]> {
  const cacheFolder = mkdtempSync(join(folder, 'cache-'));
  await start(cacheFolder);
  return [cacheFolder, join(cacheFolder, readdirSync(cacheFolder)[0] ?? '')];
}

test('services with other flags keep caches of their own', async () => {
  const cacheFolder = mkdtempSync(join(folder, 'cache-'));
  const [first, ...others] = await cachesAfter(cacheFolder);
  expect(first).toBeDefined();
  expect(others).toEqual([]);
  const both = await cachesAfter(cacheFolder, '--max-old-space-size=300');
  expect(both.size).toBe(2);
  expect(await cachesAfter(cacheFolder)).toEqual(both);
  expect(await cachesAfter(cacheFolder, '--max-old-space-size=300')).toEqual(both);
});

test('another copy of the package has a cache of its own: with that of the first its stacks would name files of the first', async () => {
  const cacheFolder = mkdtempSync(join(folder, 'cache-'));
  await start(cacheFolder);
  const copy = mkdtempSync(join(folder, 'copy-'));
  cpSync(join(ROOT, 'dist'), join(copy, 'dist'), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
  await start(cacheFolder, { preload: 'none', nodeArgs: ['--require', join(copy, 'dist/register.js')] });
  expect(readdirSync(cacheFolder)).toHaveLength(2);
});

/** Ways in which disks and losses of power damage a file. */
const DAMAGES: Readonly<Record<string, (content: Buffer) => Buffer>> = {
  'one bit': (content) => {
    const at = Math.floor(Math.random() * content.length);
    content.writeUInt8(content.readUInt8(at) ^ (1 << Math.floor(Math.random() * 8)), at);
    return content;
  },
  'a tail of zeros': (content) => content.fill(0, Math.floor(Math.random() * content.length)),
  'a block of zeros': (content) => {
    const at = 4096 * Math.floor((Math.random() * content.length) / 4096);
    return content.fill(0, at, at + 4096);
  },
  'cut off': (content) => content.subarray(0, Math.floor(Math.random() * content.length)),
  noise: ({ length }) => randomBytes(length),
};

/** Each takes a tenth of a second; the suite does a few. */
const STARTS = Number(process.env['SIETCH_OTEL_TEST_CACHE_STARTS'] ?? 20);

test(`${STARTS} starts with caches damaged at random: none crashes, and the cache is made anew`, {
  timeout: 60_000 + STARTS * 2_000,
}, async () => {
  const [cacheFolder, file] = await makeCache();
  const whole = readFileSync(file);
  const kinds = Object.entries(DAMAGES);
  for (let index = 0; index < STARTS; index++) {
    const [, damage] = kinds[index % kinds.length] ?? expect.fail();
    const damaged = damage(Buffer.from(whole));
    writeFileSync(file, damaged);
    await start(cacheFolder);
    if (!damaged.equals(whole)) expect(readFileSync(file).equals(damaged)).toBe(false);
  }
  expect(readdirSync(cacheFolder)).toHaveLength(1);
});

/** What others may have put in the place of the file, as far as they can. */
const PLANTED: Readonly<Record<string, (file: string, moved: string) => void>> = {
  'a pipe': (file) => execFileSync('mkfifo', [file]),
  'a symbolic link': (file, moved) => symlinkSync(moved, file),
  'a hard link': (file, moved) => linkSync(moved, file),
  'a file that others can write': (file, moved) => {
    writeFileSync(file, readFileSync(moved));
    chmodSync(file, 0o666);
  },
  ...(isRoot() && {
    'a file of another user': (file, moved) => {
      writeFileSync(file, readFileSync(moved));
      chownSync(file, NOBODY, NOBODY);
    },
  }),
};

test.for(Object.entries(PLANTED))('%s in the place of the cache is not read, and replaced', async ([, plant]) => {
  const [cacheFolder, file] = await makeCache();
  const moved = join(folder, `moved-${Math.random()}`);
  renameSync(file, moved);
  plant(file, moved);
  const planted = lstatSync(file).ino;
  await start(cacheFolder);
  const now = lstatSync(file);
  expect([now.isFile(), now.mode & 0o777, now.uid, now.nlink, now.ino === planted]).toEqual([true, 0o600, process.geteuid?.(), 1, false]);
  expect(readdirSync(cacheFolder)).toHaveLength(1);
});

/** Folders that others could change, or that cannot be made. */
const REFUSED: Readonly<Record<string, (path: string) => string>> = {
  'that others can write': (path) => {
    mkdirSync(path);
    chmodSync(path, 0o777);
    return path;
  },
  'below one that others can write': (path) => {
    mkdirSync(path);
    chmodSync(path, 0o775);
    return join(path, 'cache');
  },
  'behind a link': (path) => {
    mkdirSync(`${path}-real`);
    symlinkSync(`${path}-real`, path);
    return path;
  },
  'that is a file': (path) => {
    writeFileSync(path, '');
    return path;
  },
  'that cannot be made': () => '/proc/nowhere/cache',
  ...(isRoot() && {
    'of another user': (path) => {
      mkdirSync(path);
      chownSync(path, NOBODY, NOBODY);
      return path;
    },
    'below one of another user': (path) => {
      mkdirSync(path);
      chownSync(path, NOBODY, NOBODY);
      return join(path, 'cache');
    },
  }),
};

test.for(Object.entries(REFUSED))('a folder %s is not used, which is said once', async ([, make]) => {
  const path = make(join(folder, `refused-${Math.random()}`));
  const { stderr } = await start(path);
  expect(stderr.match(/^\[sietch-otel\] warn SIETCH141 SIETCH_OTEL_CODE_CACHE is not used: [^\n]+ Remedy: [^\n]+$/gm)).toHaveLength(1);
  expect(existsSync(path) && statSync(path).isDirectory() ? readdirSync(path) : []).toEqual([]);
});
