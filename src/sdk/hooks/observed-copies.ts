// Checks the copies of observed libraries that the app loads: whether their versions are supported,
// and whether our hooks have seen them.
import { warn } from '../../diagnose/diagnostics.js';
import { loadedCopies } from '../../node/loaded-packages.js';
import { Hook } from './import-hooks.js';
import { packageVersion } from './package-version.js';
import { RequireInTheMiddleSingleton } from './require-hooks.js';
import { isLibrary, isSupported, type Library, supportedRange } from './supported-versions.js';

const watched = new Set<Library>();
/** Folders of copies that the hooks have met, or that were loaded before there were hooks. */
const met = new Set<string>();

/**
 * Watches for packages that hooks observe, as `watchVersions` does. To be called before the app
 * loads any.
 */
export function watchCopies(names: readonly string[]): void {
  const libraries = names.filter(isLibrary);
  for (const name of libraries) watched.add(name);
  // late-load.ts speaks of those.
  for (const folder of loadedCopies(libraries).keys()) met.add(folder);
  watchVersions(libraries);
  // Modules that a loader thread gives to an ES module do not pass `require`.
  for (const name of libraries) new Hook([name], { internals: true }, (_exports, _file, folder) => meet(name, folder ?? undefined));
}

/** Warns of each copy of these packages whose version is not supported, when it is loaded. */
export function watchVersions(libraries: readonly Library[]): void {
  for (const name of libraries) {
    RequireInTheMiddleSingleton.getInstance().register(name, (exports, _file, folder) => {
      meet(name, folder);
      return exports;
    });
  }
}

/** Folders of copies that were loaded by a way that passes our hooks by. */
export function unmetCopies(): string[] {
  return [...loadedCopies([...watched]).keys()].filter((folder) => !met.has(folder));
}

function meet(name: Library, folder: string | undefined): void {
  if (folder === undefined || met.has(folder)) return;
  met.add(folder);
  const version = packageVersion(folder);
  if (version === undefined || isSupported(name, version)) return;
  warn('SIETCH130', `${name} ${version}, supported is ${supportedRange(name)}: ${folder}`);
}
