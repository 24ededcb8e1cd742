// Warns of libraries that were loaded before they could be patched: they are not observed.
import { warn } from '../../diagnose/diagnostics.js';
import { loadedPackages, packageOf } from '../../node/loaded-packages.js';

/** Must be called before the integrations start. @param modules that they observe. */
export function warnOfLateLoad(modules: readonly string[]): void {
  for (const { name, loadedBy, file } of loadedPackages(modules)) {
    // pg loads pg-pool: that one is enough to say.
    if (loadedBy !== undefined && modules.includes(packageOf(loadedBy) ?? '')) continue;
    warn({
      code: 'SIETCH120',
      message: `${name} was loaded before this distribution${loadedBy === undefined ? ` (${file})` : `, by ${loadedBy}`}: it is not observed`,
      remedy: `load it later: preload @sietch/otel/register before everything else, or call start() before ${name} is required`,
    });
  }
}
