// A folder for each candidate, as an app would have it: the libraries, the candidate and the workloads. Peers are installed on first use
// into the user's cache; they are no dependency of this package.

import { execFile, execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cacheDirectory } from '../test/support/cache.ts';
import { ROOT } from '../test/support/checkout.ts';
import { packPackage } from '../test/support/packed-package.ts';
import { type Candidate, WORKLOAD_PACKAGES } from './candidates.ts';

const run = promisify(execFile);
const INSTALL = ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock', '--loglevel=error'];
const INSTALL_TIMEOUT_MS = 600_000;
const UNUSED_MS = 86_400_000;

/** Returns the folder of a candidate, made if need be. `sietch` gets what `npm pack` makes of dist/. */
export async function prepareFolder(candidate: Candidate, say: (line: string) => void): Promise<string> {
  const cache = cacheDirectory('bench');
  const own = candidate.name === 'sietch' ? await packOwn(cache) : undefined;
  // Workloads of another runtime need no packages.
  const libraries = candidate.runtime === undefined ? WORKLOAD_PACKAGES : {};
  const dependencies = { ...libraries, ...candidate.packages, ...(own === undefined ? {} : { '@sietch/otel': `file:${own}` }) };
  const folder = join(cache, `${candidate.name}-${shortHash(JSON.stringify(dependencies))}`);
  if (!existsSync(join(folder, 'installed'))) {
    say(`installing ${candidate.name} into ${folder}`);
    await install(folder, dependencies);
    if (own !== undefined) removeUnused(cache);
  }
  // Its date says when the folder was used last.
  writeFileSync(join(folder, 'installed'), '');
  cpSync(join(ROOT, 'bench', 'scenarios'), join(folder, 'scenarios'), { recursive: true });
  return folder;
}

/** What a candidate is measured in, as `name version`: of bare the libraries. */
export function installedVersions({ name, packages }: Candidate, folder: string): readonly string[] {
  const own = name === 'bare' ? Object.keys(WORKLOAD_PACKAGES) : name === 'sietch' ? ['@sietch/otel'] : Object.keys(packages);
  return own.map((each) => {
    const { version }: { version: string } = JSON.parse(readFileSync(join(folder, 'node_modules', each, 'package.json'), 'utf8'));
    return `${each} ${version}${each === '@sietch/otel' ? ` (${commit()})` : ''}`;
  });
}

function commit(): string {
  try {
    return execFileSync('git', ['describe', '--always', '--dirty', '--exclude', '*'], { cwd: ROOT, encoding: 'utf8' }).trim();
  } catch {
    return 'no commit';
  }
}

async function install(folder: string, dependencies: Readonly<Record<string, string>>): Promise<void> {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify({ private: true, dependencies }, null, 2)}\n`);
  await run('npm', INSTALL, { cwd: folder, timeout: INSTALL_TIMEOUT_MS });
}

/** The tarball, under a name that says what is in it: npm does not look into a file of the same name again. */
async function packOwn(cache: string): Promise<string> {
  const tarball = await packPackage(cache);
  const named = join(cache, `sietch-otel-${shortHash(readFileSync(tarball))}.tgz`);
  renameSync(tarball, named);
  return named;
}

/** Folders of earlier commits; one of the last day may be in use by another run. */
function removeUnused(cache: string): void {
  for (const entry of readdirSync(cache)) {
    const marker = join(cache, entry, 'installed');
    if (!entry.startsWith('sietch-') || !existsSync(marker) || Date.now() - statSync(marker).mtimeMs < UNUSED_MS) continue;
    rmSync(join(cache, entry), { recursive: true, force: true });
  }
}

function shortHash(content: string | Buffer): string {
  return createHash('sha256').update(content).digest('hex').slice(0, 12);
}
