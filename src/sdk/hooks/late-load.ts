// Warns of libraries that were loaded before they could be patched: they are not observed.
import { warn } from '../../diagnose/diagnostics.js';
import { loadedPackages, packageOf } from '../../node/loaded-packages.js';

/** Must be called before the integrations start. @param modules that they observe. */
export function warnOfLateLoad(modules: readonly string[]): void {
  for (const { name, loadedBy, file } of loadedPackages(modules)) {
    // pg loads pg-pool: that one is enough to say.
    if (loadedBy !== undefined && modules.includes(packageOf(loadedBy) ?? '')) continue;
    warn('SIETCH120', `${name}${loadedBy === undefined ? ` (${file})` : `, by ${loadedBy}`}`);
  }
}
