// Other versions of Node.js to run apps under, from the npm packages that hold them. No vitest here.

import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cacheDirectory } from './cache.ts';
import { lastLine } from './debian-packages.ts';
import { installedPackages } from './npm-packages.ts';

const run = promisify(execFile);

export type NodeMajor = '20' | '22' | '24' | '26';

/**
 * The path of a `node` of this major version: the running one where it fits, else the package `node-<platform>-<arch>`, installed into
 * our cache the first time (about 50 MB).
 * @throws {Error} that says what was tried, when it cannot be had.
 */
export async function nodeBinary(major: NodeMajor): Promise<string> {
  if (process.versions.node.startsWith(`${major}.`)) return process.execPath;
  const name = `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`;
  const folder = join(cacheDirectory('node'), `${name}-${major}`);
  try {
    const binary = join(await installedPackages(folder, { [name]: major }), name, 'bin', 'node');
    const { stdout } = await run(binary, ['--version'], { timeout: 10_000 });
    if (!stdout.startsWith(`v${major}.`)) throw new Error(`${binary} is ${stdout.trim()}`);
    return binary;
  } catch (error) {
    const reason = lastLine(error);
    // The library of the compiler that Node.js 26 is linked with.
    const remedy = reason.includes('libatomic.so') ? ' (Debian: apt-get install libatomic1)' : '';
    throw new Error(`Node.js ${major} cannot be had from the npm package ${name}@${major}: ${reason}${remedy}`);
  }
}
