// Checks that an observed library has the members that its integration patches, so that a release
// without them does not go unobserved in silence.
import { warn } from '../diagnose/diagnostics.js';
import { isLibrary, isSupported } from '../sdk/hooks/supported-versions.js';

const reported = new Set<string>();

/**
 * Reports the members that are missing, once.
 * @param paths from `exports`, e.g. `Queue.prototype.add`; each is a function or a symbol
 * @returns whether all are there
 */
export function checkMembers(library: string, version: string | undefined, exports: unknown, paths: readonly string[]): boolean {
  const missing = paths.filter((path) => !['function', 'symbol'].includes(typeof memberAt(exports, path)));
  if (missing.length > 0) reportMissing(library, version, missing);
  return missing.length === 0;
}

/** Does nothing for a version outside of the supported range, which SIETCH130 reports. */
export function reportMissing(library: string, version: string | undefined, missing: readonly string[]): void {
  if (version !== undefined && isLibrary(library) && !isSupported(library, version)) return;
  const message = `${library} ${version ?? 'of unknown version'} has no ${missing.join(', ')}: what needs it is not observed`;
  if (reported.has(message)) return;
  reported.add(message);
  warn('SIETCH042', message);
}

function memberAt(exports: unknown, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>(
      (value, key) => ((typeof value === 'object' && value !== null) || typeof value === 'function' ? Reflect.get(value, key) : undefined),
      exports,
    );
}
