// What a start loads, by number: time depends on the machine, this does not. A bound is what was counted when it was written, and a fifth more; whoever
// needs more raises it here, and says why in the commit.
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ROOT } from '../support/checkout.ts';
import { type PackedApp, packApp } from '../support/packed-package.ts';

const run = promisify(execFile);

/** What count-loaded.cjs prints. */
interface Loaded {
  readonly modules: readonly string[];
  readonly files: readonly string[];
  /** Of Node itself. */
  readonly core: number;
}

/** Counted: 3, 4 and 19 on Node 20; on 22, 24 and 26: 7, 15 and 66, 61, 60. */
const BOUNDS = process.version.startsWith('v20.') ? { modules: 4, files: 5, core: 23 } : { modules: 8, files: 18, core: 79 };

let app: PackedApp;
beforeAll(async () => {
  app = await packApp();
  writeFileSync(join(app.directory, 'empty.js'), '');
});
afterAll(() => app?.remove());

async function loadedBy(...preload: string[]): Promise<Loaded> {
  const env = { PATH: process.env['PATH'], HOME: app.directory, OTEL_EXPORTER_PROMETHEUS_PORT: '0' };
  const args = ['--require', join(ROOT, 'test/guard/count-loaded.cjs'), ...preload, join(app.directory, 'empty.js')];
  const { stdout } = await run(process.execPath, args, { cwd: app.directory, env });
  const loaded: Loaded = JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
  return loaded;
}

const inPackages = (paths: readonly string[]): string[] => paths.map((path) => path.split('node_modules/').at(-1) ?? path);

test('an empty script under the preload loads few modules and files', async () => {
  const bare = await loadedBy();
  const { modules, files, core } = await loadedBy('--require', '@sietch/otel/register');
  expect(bare.modules).toEqual([]);
  // Node 20: register, start and the loader of the bundle. Later Nodes: import-in-the-middle and its hooks for `import` too.
  expect(inPackages(modules).length, inPackages(modules).join(', ')).toBeLessThanOrEqual(BOUNDS.modules);
  expect(inPackages(files).length, inPackages(files).join(', ')).toBeLessThanOrEqual(BOUNDS.files);
  // Neither http nor streams, worker_threads or crypto: these are loaded with what uses them.
  expect(core - bare.core).toBeLessThanOrEqual(BOUNDS.core);
});

test('libraries that the app does not load are not loaded', async () => {
  const { modules } = await loadedBy('--require', '@sietch/otel/register');
  expect(inPackages(modules).filter((path) => /^(pg|pg-pool|ioredis|bullmq|opossum|pino|express|fastify|@grpc)\//.test(path))).toEqual([]);
});
