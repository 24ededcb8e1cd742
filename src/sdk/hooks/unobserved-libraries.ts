// Finds libraries that the app has loaded and that nothing observes, with what to do about each.
import { packageOf } from '../../node/loaded-packages.js';
import { settledPackages } from './app-instrumentations.js';
import { bundledPackages } from './bundled-modules.js';
import { type KnownLibrary, knownLibrary } from './known-libraries.js';
import { packageVersion } from './package-version.js';

export interface UnobservedLibrary {
  readonly name: string;
  readonly version: string | undefined;
  /** `npm install …`, or another way; undefined where we know of none. */
  readonly remedy: string | undefined;
}

/**
 * Libraries by `require`, CommonJS ones by `import`, and those of bundles that were built with our
 * plugin; each once.
 */
export function unobservedLibraries(): UnobservedLibrary[] {
  const found = new Map<KnownLibrary, UnobservedLibrary>();
  for (const [name, version] of bundledPackages()) {
    const library = knownLibrary(name);
    if (library !== undefined && isMissing(name, library)) found.set(library, { name, version, remedy: remedyOf(library) });
  }
  for (const [file, module] of Object.entries(require.cache)) {
    const name = packageOf(file);
    const library = name === undefined ? undefined : knownLibrary(name);
    if (name === undefined || library === undefined || found.has(library) || !isMissing(name, library)) continue;
    if (isOpenTelemetry(module?.parent?.filename)) continue;
    const folder = file.slice(0, file.lastIndexOf(name.replaceAll('/', file.includes('\\') ? '\\' : '/')) + name.length);
    found.set(library, { name, version: packageVersion(folder), remedy: remedyOf(library) });
  }
  return [...found.values()];
}

function remedyOf({ instrumentation, hint }: KnownLibrary): string | undefined {
  return instrumentation === undefined ? hint : `npm install ${instrumentation}`;
}

/** As a line names it: `kafkajs 2.2.4 (npm install @opentelemetry/instrumentation-kafkajs)`. */
export function describeUnobserved({ name, version, remedy }: UnobservedLibrary): string {
  return `${name}${version === undefined ? '' : ` ${version}`} (${remedy ?? 'no instrumentation is known'})`;
}

function isMissing(name: string, { instrumentation, isSeenBelow }: KnownLibrary): boolean {
  if (isSeenBelow || settledPackages.has(name)) return false;
  return instrumentation === undefined || !settledPackages.has(instrumentation);
}

/** Loaded for our own exports, as gRPC is. */
function isOpenTelemetry(file: string | undefined): boolean {
  return packageOf(file ?? '')?.startsWith('@opentelemetry/') === true || file?.startsWith(__dirname) === true;
}
