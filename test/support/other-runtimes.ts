// Bun and Deno to run apps under, from the npm packages that hold them. No vitest here.
import { join } from 'node:path';
import { cacheDirectory } from './cache.ts';
import { installedPackages } from './npm-packages.ts';

export const OTHER_RUNTIMES = {
  bun: {
    version: '1.4.4',
    package: `@oven/bun-${process.platform}-${process.arch === 'arm64' ? 'aarch64' : process.arch}`,
    file: 'bin/bun',
  },
  deno: {
    version: '2.9.6',
    package: `@deno/${process.platform}-${process.arch}${process.platform === 'linux' ? '-glibc' : ''}`,
    file: 'deno',
  },
} as const;

export type OtherRuntime = keyof typeof OTHER_RUNTIMES;

/**
 * The path of its program, installed into our cache the first time (about 100 MB each).
 * @throws {Error} where npm has none for this machine.
 */
export async function otherRuntime(name: OtherRuntime): Promise<string> {
  const { version, package: holder, file } = OTHER_RUNTIMES[name];
  const modules = await installedPackages(join(cacheDirectory('runtimes'), `${name}-${version}`), { [holder]: version });
  return join(modules, holder, file);
}
