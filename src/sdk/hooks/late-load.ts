// Libraries that were loaded before they could be patched stay silent. Who sees only that something is missing needs to know what, and why.
import { warn } from '../../diagnose/diagnostics.js';
import { loadedPackages, packageOf } from '../../node/loaded-packages.js';

/** To be called before the integrations are on. @param modules that they observe. */
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
