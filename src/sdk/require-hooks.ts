// One hook of `require` for all instrumentations, in the bundle in the place of upstream's. A hook that is added while a module is met sees that module.
import { Hook } from 'require-in-the-middle';

/** Gets what a module exports, and returns what it is to export. Parts of Node have no folder. */
export type OnRequire = <T>(exports: T, name: string, folder: string | undefined) => T;

interface Hooked {
  readonly moduleName: string;
  readonly onRequire: OnRequire;
}

/** Under upstream's name. */
export class RequireInTheMiddleSingleton {
  static #instance: RequireInTheMiddleSingleton | undefined;
  readonly #hooks: Hooked[] = [];

  static getInstance(): RequireInTheMiddleSingleton {
    RequireInTheMiddleSingleton.#instance ??= new RequireInTheMiddleSingleton();
    return RequireInTheMiddleSingleton.#instance;
  }

  constructor() {
    new Hook(null, { internals: true }, (exports, name, folder) => this.#meet(exports, name.replaceAll('\\', '/'), name, folder));
  }

  /** @param moduleName of a package, with all its files, or of a part of Node. */
  register(moduleName: string, onRequire: OnRequire): Hooked {
    const hooked = { moduleName, onRequire };
    this.#hooks.push(hooked);
    return hooked;
  }

  #meet<T>(exports: T, path: string, name: string, folder: string | undefined): T {
    let result = exports;
    for (let index = 0; index < this.#hooks.length; index++) {
      const hook = this.#hooks[index];
      if (hook !== undefined && isIn(path, hook.moduleName, folder === undefined)) result = hook.onRequire(result, name, folder);
    }
    return result;
  }
}

function isIn(path: string, moduleName: string, isCore: boolean): boolean {
  if (!path.startsWith(moduleName)) return false;
  return path.length === moduleName.length || (!isCore && path.charCodeAt(moduleName.length) === 47);
}
