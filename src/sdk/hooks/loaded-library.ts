// Calls back when an observed library has been loaded, by `require`, by `import` or from a bundle.
// For integrations that replace a method or two: they need neither a tracer nor a meter before.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fail } from '../../diagnose/diagnostics.js';
import { Hook } from './import-hooks.js';
import { bundledVersion, packageVersion } from './package-version.js';
import { RequireInTheMiddleSingleton } from './require-hooks.js';
import { isSupported, type Library } from './supported-versions.js';

export interface LoadedLibrary {
  readonly name: Library;
  readonly version: string;
  /** What its main file exports, or the file that was asked for. */
  readonly exports: unknown;
}

/**
 * Calls `patch` for each supported copy of the library; for one and the same copy more than once,
 * when it is CommonJS and imported.
 * @param file a path in the package, where what is patched is not exported by its main file
 */
export function onLibraryLoaded(name: Library, file: string | undefined, patch: (library: LoadedLibrary) => void): void {
  const wanted = file === undefined ? name : `${name}/${file}`;
  const meet = (exports: unknown, path: string, folder: string | undefined) => {
    if (folder === undefined || (path !== wanted && path !== name)) return;
    const version = packageVersion(folder);
    if (version === undefined || !isSupported(name, version)) return;
    try {
      if (path === wanted) patch({ name, version, exports });
      // The files of an ES module are loaded by no `require`, which the hooks would see: this is
      // one.
      else if (bundledVersion(folder) === undefined) createRequire(join(folder, 'package.json'))(`./${file}`);
    } catch (error) {
      fail('SIETCH003', `${name} ${version}: ${error instanceof Error ? error.message : String(error)}`);
    }
  };
  RequireInTheMiddleSingleton.getInstance().register(name, (exports, path, folder) => {
    meet(exports, path.replaceAll('\\', '/'), folder);
    return exports;
  });
  new Hook([name], { internals: true }, (exports, path, folder) => meet(exports, path, folder ?? undefined));
}
