// Takes the modules of a bundle that was built with the plugin of @sietch/otel/bundler. Each hands
// itself over when it is evaluated, to the function below, which shows it to the hooks of
// `require`: what they find and replace is the same as outside of a bundle.
import { syncBuiltinESMExports } from 'node:module';
import { fail, warn } from '../../diagnose/diagnostics.js';
import { packageOf } from '../../node/loaded-packages.js';
import { bundledFolder } from './package-version.js';
import { RequireInTheMiddleSingleton } from './require-hooks.js';

/**
 * How to assign to what an ES module exports, by name; exports that are not there cannot be
 * assigned to.
 */
type Setters = Readonly<Record<string, (value: unknown) => void>>;

/**
 * @param path the name of the package, and for other files than the main one their path in it
 * @param setters of an ES module; without, what is returned is what the module exports then
 */
type TakeBundled = (path: string, version: string, exports: unknown, setters?: Setters) => unknown;

const TAKE = Symbol.for('sietch.otel.bundled');
const holder: typeof globalThis & { [TAKE]?: TakeBundled } = globalThis;
const seen = new Map<string, string>();
let isTaking = false;

/** Must be called before the app is loaded. */
export function takeBundledModules(): void {
  holder[TAKE] = take;
}

/** The packages of which bundles have handed over the main file, name to version. */
export function bundledPackages(): ReadonlyMap<string, string> {
  return seen;
}

/** Whether what hooks are shown at this moment lies in a bundle. */
export function isTakingBundled(): boolean {
  return isTaking;
}

function take(path: string, version: string, exports: unknown, setters?: Setters): unknown {
  isTaking = true;
  try {
    const name = packageOf(`node_modules/${path}`) ?? path;
    const hooks = RequireInTheMiddleSingleton.getInstance();
    if (path === name) {
      seen.set(name, version);
      // A bundle of ES modules imports the parts of Node, past the hooks of `require`, and on Node
      // 20 now and then past the loader thread.
      if (hooks.meetBuiltins()) syncBuiltinESMExports();
    }
    const folder = bundledFolder(name, version);
    if (setters === undefined) return hooks.meetBundled(exports, path, folder);
    takeEsModule(path, exports, setters, (copy) => hooks.meetBundled(copy, path, folder));
  } catch (error) {
    fail('SIETCH198', `${path} ${version}: ${error instanceof Error ? error.message : String(error)}`);
  } finally {
    isTaking = false;
  }
  return exports;
}

/**
 * Hooks assign to what they are given; the exports of an ES module can only be assigned to from
 * inside of it.
 */
function takeEsModule(path: string, exports: unknown, setters: Setters, meet: (copy: Record<string, unknown>) => unknown): void {
  const original = copyOf(exports);
  // By this tag instrumentations know the exports of an ES module.
  const given = Object.defineProperty({ ...original }, Symbol.toStringTag, { value: 'Module' });
  const result = meet(given);
  const now: Record<string, unknown> = typeof result === 'object' ? { ...result } : { ...given, default: result };
  const changed = Object.keys(original).filter((name) => now[name] !== original[name]);
  for (const name of changed) setters[name]?.(now[name]);
  const lost = changed.filter((name) => setters[name] === undefined);
  if (lost.length > 0) warn('SIETCH197', `${path}: ${lost.join(', ')}`);
}

/** In a circle of imports some exports may not have their values yet, and reading one throws. */
function copyOf(exports: unknown): Record<string, unknown> {
  const copy: Record<string, unknown> = {};
  for (const name of typeof exports === 'object' && exports !== null ? Object.keys(exports) : []) {
    try {
      copy[name] = Reflect.get(Object(exports), name);
    } catch {
      // Nor can it have been used yet.
    }
  }
  return copy;
}
