// node-postgres with its native client, which is compiled against libpq, in our cache. No vitest here.

import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { cacheDirectory } from './cache.ts';
import { lastLine } from './debian-packages.ts';
import { INSTALLING_MS, installedPackages } from './npm-packages.ts';

const run = promisify(execFile);
const VERSION = '3.9.0';

/**
 * The folder of a `pg`, of the version that we test with, whose `native` can be loaded by the running Node.js.
 * @throws {Error} that says what was tried, when it cannot be compiled here.
 */
export async function pgWithNative(): Promise<string> {
  const { version }: { version: string } = createRequire(import.meta.url)('pg/package.json');
  const folder = join(cacheDirectory('pg-native'), `${version}-${VERSION}-node${process.versions.modules}`);
  const load = (modules: string) => run(process.execPath, ['-e', "require('libpq')"], { cwd: modules, timeout: 30_000 });
  try {
    const modules = await installedPackages(folder, { pg: version, 'pg-native': VERSION }, async (part) => {
      await compile(part);
      await load(part);
    });
    await load(modules);
    return join(modules, 'pg');
  } catch (error) {
    throw new Error(
      `pg-native cannot be compiled or loaded here; it takes libpq, a C++ compiler, make and Python (Debian: apt-get install libpq-dev g++ make python3).\n` +
        `- ${lastLine(error).replace(/^npm error A complete log of this run.*/, 'node-gyp failed')}`,
    );
  }
}

/** By the node-gyp that comes with npm, and with the headers beside the running Node.js where they are. */
async function compile(modules: string): Promise<void> {
  const prefix = dirname(dirname(process.execPath));
  const headers = existsSync(join(prefix, 'include/node/node.h')) ? { npm_config_nodedir: prefix } : {};
  const env = { ...process.env, ...headers };
  await run('npm', ['explore', 'libpq', '--', 'node-gyp', 'rebuild', '--silent'], {
    cwd: dirname(modules),
    timeout: INSTALLING_MS - 60_000,
    env,
  });
}
