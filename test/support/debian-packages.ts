// Programs from the package archive of a Debian or Ubuntu, unpacked into our cache: nothing is installed, no root is needed. No vitest here.

import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { userInfo } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { cacheDirectory } from './cache.ts';
import { INSTALLING_MS } from './npm-packages.ts';
import { type OnProgress, withProgress } from './progress.ts';

const run = promisify(execFile);

export interface DebianPackages {
  /** Folder in the cache. */
  name: string;
  /** Names of packages. What they depend on, and this system lacks, is unpacked with them. */
  packages: readonly string[];
  /** Says whether what was unpacked below `root` works; it is kept only then. */
  check(root: string): Promise<unknown>;
}

/**
 * Returns the folder they are unpacked below, doing it on the first call on this machine.
 * @throws {Error} that says why it could not be done.
 */
export async function unpackedPackages(wanted: DebianPackages, onProgress?: OnProgress): Promise<string> {
  const root = join(cacheDirectory(wanted.name), 'root');
  if (!existsSync(root)) {
    await withProgress(`Getting ${wanted.name} from the package archive of this system (once)`, onProgress, () =>
      unpack(root, wanted),
    ).catch((error) => {
      throw new Error(`unpacking by apt-get failed: ${lastLine(error)}`);
    });
  }
  return root;
}

/** For LD_LIBRARY_PATH. */
export function libraryPath(root: string): string {
  const libraries = join(root, 'usr/lib');
  const folders = existsSync(libraries) ? readdirSync(libraries).filter((name) => name.includes('-linux-')) : [];
  return folders.map((name) => join(libraries, name)).join(delimiter);
}

/** What a failed command said last, which is where its reason is. */
export function lastLine(error: unknown): string {
  const output = error instanceof Error && 'stderr' in error && typeof error.stderr === 'string' ? error.stderr : '';
  return output.trim().split('\n').at(-1) || (error instanceof Error ? error.message : String(error));
}

/** Works as any user and on a system where `apt-get update` was never run: the lists, the state and the cache are our own. */
async function unpack(root: string, { packages, check }: DebianPackages): Promise<void> {
  const work = mkdtempSync(`${root}-`);
  const options = Object.entries({
    'Dir::State': join(work, 'state'),
    'Dir::State::lists': join(work, 'state/lists'),
    'Dir::State::status': '/var/lib/dpkg/status',
    'Dir::Cache': join(work, 'cache'),
    // Else root's apt-get downloads as user _apt, who cannot write here.
    'APT::Sandbox::User': userInfo().username,
    'Acquire::Retries': '2',
  }).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
  const limits = { cwd: work, timeout: INSTALLING_MS - 60_000, maxBuffer: 64 * 1024 * 1024 };
  const unpacked = join(work, 'root');
  try {
    await run('mkdir', ['-p', join(work, 'state/lists/partial'), join(work, 'cache/archives/partial'), unpacked], limits);
    await run('apt-get', [...options, '-qq', 'update'], limits);
    // A simulated installation needs no root and names what a real one would bring here: a bare system lacks libraries that others have.
    const { stdout } = await run('apt-get', [...options, '-qq', '--simulate', '--no-install-recommends', 'install', ...packages], limits);
    const lacking = [...stdout.matchAll(/^Inst (\S+)/gm)].map(([, name = '']) => name);
    await run('apt-get', [...options, '-qq', 'download', ...new Set([...packages, ...lacking])], limits);
    for (const file of readdirSync(work)) if (file.endsWith('.deb')) await run('dpkg', ['-x', file, unpacked], limits);
    await check(unpacked);
    await run('chmod', ['-R', 'a+rX', unpacked], limits);
    renameSync(unpacked, root);
  } catch (error) {
    // Another process may have been faster.
    if (!existsSync(root)) throw error;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}
