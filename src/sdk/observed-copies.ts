// The copies of observed libraries that the app has loaded: whether their versions are supported, and whether our hooks have met them.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { warn } from './diagnostics.js';
import { loadedCopies } from './loaded-packages.js';
import { RequireInTheMiddleSingleton } from './require-hooks.js';
import { isLibrary, isSupported, type Library, supportedRange } from './supported-versions.js';

const watched = new Set<Library>();
/** Folders of copies that the hooks have met, or that were loaded before there were hooks. */
const met = new Set<string>();

/** Watches for these packages: a copy whose version is not supported is warned of when it is loaded. To be called before the app loads any. */
export function watchCopies(names: readonly string[]): void {
  const libraries = names.filter(isLibrary);
  // late-load.ts speaks of those.
  for (const folder of loadedCopies(libraries).keys()) met.add(folder);
  for (const name of libraries) {
    watched.add(name);
    RequireInTheMiddleSingleton.getInstance().register(name, (exports, _file, folder) => {
      if (folder !== undefined && !met.has(folder)) meet(name, folder);
      return exports;
    });
  }
}

/** Folders of copies that were loaded by a way that passes our hooks by. */
export function unmetCopies(): string[] {
  return [...loadedCopies([...watched]).keys()].filter((folder) => !met.has(folder));
}

function meet(name: Library, folder: string): void {
  met.add(folder);
  const version = versionIn(folder);
  if (version === undefined || isSupported(name, version)) return;
  warn({
    code: 'SIETCH130',
    message: `${name} ${version} is not supported, ${supportedRange(name)} is: ${folder}`,
    remedy: 'install a version in the range named',
  });
}

function versionIn(folder: string): string | undefined {
  try {
    const manifest: { version?: unknown } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    return typeof manifest.version === 'string' ? manifest.version : undefined;
  } catch {
    return undefined;
  }
}
