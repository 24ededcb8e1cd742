// Where binaries fetched once are kept, and who may reach a folder. Used by tests and the demo: no vitest here.

import { mkdirSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

/** Uid and gid of `nobody`, whom servers run as that refuse root. */
export const NOBODY = 65534;

export function isRoot(): boolean {
  return process.getuid?.() === 0;
}

/** A folder below the cache, made if need be: XDG_CACHE_HOME, else /var/cache for root (whose home other users cannot enter), else ~/.cache. */
export function cacheDirectory(...names: string[]): string {
  const base = process.env['XDG_CACHE_HOME'] || (isRoot() ? '/var/cache' : join(homedir(), '.cache'));
  const directory = join(base, 'sietch-otel', ...names);
  mkdirSync(directory, { recursive: true, mode: 0o755 });
  return directory;
}

/** Whether any user may enter `directory`: each folder on the way must have the x bit for others. */
export function isReachableByAll(directory: string): boolean {
  for (let at = resolve(directory); ; at = dirname(at)) {
    if ((statSync(at).mode & 0o001) === 0) return false;
    if (at === dirname(at)) return true;
  }
}
