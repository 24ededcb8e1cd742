// One hook of `require` for all instrumentations, in the bundle in the place of upstream's. A hook
// that is added while a module is met sees that module.
import { existsSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { join } from 'node:path';
import { Hook } from 'require-in-the-middle';
import { mayBeBuiltinLoaded } from '../../node/builtin-modules.js';
import { packageOf } from '../../node/loaded-packages.js';

/**
 * Gets what a module exports, and returns what it is to export. Built-in modules have no folder.
 */
export type OnRequire = <T>(exports: T, name: string, folder: string | undefined) => T;

interface Hooked {
  readonly moduleName: string;
  readonly onRequire: OnRequire;
}

/** Has the name of the class of upstream that it replaces. */
export class RequireInTheMiddleSingleton {
  static #instance: RequireInTheMiddleSingleton | undefined;
  readonly #hooks: Hooked[] = [];
  /** Packages and built-in modules that are asked for. For each file of any other one require-in-the-middle would look for its main file. */
  readonly #watched: string[] = [];
  /** Set when hooks have been given a built-in module since `meetBuiltins` was called. */
  #hasMetBuiltin = false;
  /** Called when hooks have put something else in the place of what a module exports. */
  onReplaced: ((original: unknown, replacement: unknown) => void) | undefined;

  static getInstance(): RequireInTheMiddleSingleton {
    RequireInTheMiddleSingleton.#instance ??= new RequireInTheMiddleSingleton();
    return RequireInTheMiddleSingleton.#instance;
  }

  constructor() {
    new Hook(this.#watched, { internals: true }, (exports, name, folder) => this.#meet(exports, name.replaceAll('\\', '/'), name, folder));
  }

  /** @param moduleName of a package, with all its files, or of a built-in module. */
  register(moduleName: string, onRequire: OnRequire): Hooked {
    const hooked = { moduleName, onRequire };
    this.#hooks.push(hooked);
    const watched = isBuiltin(moduleName) ? moduleName : (packageOf(`node_modules/${moduleName}`) ?? moduleName);
    if (!this.#watched.includes(watched)) this.#watched.push(watched);
    return hooked;
  }

  /**
   * Shows the hooks those built-in modules that were loaded without `require`; true when they have
   * met any since the last time.
   */
  meetBuiltins(): boolean {
    for (const name of new Set(this.#hooks.map(({ moduleName }) => moduleName)))
      if (isBuiltin(name) && mayBeBuiltinLoaded(name)) require(name);
    const hasMet = this.#hasMetBuiltin;
    this.#hasMetBuiltin = false;
    return hasMet;
  }

  /**
   * Shows the hooks a module of a bundle.
   * @param path that of `register`, and for other files than the main one their path in the package
   * @param folder stands for the one of the package
   */
  meetBundled<T>(exports: T, path: string, folder: string): T {
    let result = exports;
    for (let index = 0; index < this.#hooks.length; index++) {
      const hook = this.#hooks[index];
      if (hook !== undefined && isIn(path, hook.moduleName, false)) result = hook.onRequire(result, path, folder);
    }
    return result;
  }

  #meet<T>(exports: T, path: string, name: string, folder: string | undefined): T {
    let result = exports;
    for (let index = 0; index < this.#hooks.length; index++) {
      const hook = this.#hooks[index];
      if (hook === undefined || !isIn(path, hook.moduleName, folder === undefined)) continue;
      result = hook.onRequire(result, folder !== undefined && isMain(path, hook.moduleName, folder) ? hook.moduleName : name, folder);
      if (folder === undefined) this.#hasMetBuiltin = true;
    }
    if (result !== exports) this.onReplaced?.(exports, result);
    return result;
  }
}

function isIn(path: string, moduleName: string, isCore: boolean): boolean {
  if (!path.startsWith(moduleName)) return false;
  return path.length === moduleName.length || (!isCore && path.charCodeAt(moduleName.length) === 47);
}

/** Packages with another copy of themselves inside. */
const shadowed = new Map<string, boolean>();

/**
 * require-in-the-middle takes the main file of `x` for an inner one where there is an
 * `x/node_modules/x`, whose main file it finds first.
 */
function isMain(path: string, moduleName: string, folder: string): boolean {
  if (path.length === moduleName.length) return true;
  let isShadowed = shadowed.get(folder);
  if (isShadowed === undefined) {
    isShadowed = existsSync(join(folder, 'node_modules', moduleName));
    shadowed.set(folder, isShadowed);
  }
  return isShadowed && require.resolve(folder) === join(folder, path.slice(moduleName.length));
}
