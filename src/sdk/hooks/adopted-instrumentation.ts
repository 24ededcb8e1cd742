// Makes an instrumentation of a package that the app has installed, on our hooks. It brings a copy
// of @opentelemetry/instrumentation, whose own hooks see neither a library that is being loaded
// right now nor what is imported past that copy's loader.
import { isAbsolute, parse } from 'node:path';
import type { Instrumentation } from '@opentelemetry/instrumentation';
import { hookBundlesFor } from './bundle-hooks.js';
import { isTakingBundled } from './bundled-modules.js';
import { Hook } from './import-hooks.js';
import { type OnRequire, RequireInTheMiddleSingleton } from './require-hooks.js';

export interface AdoptedInstrumentation {
  readonly instrumentation: Instrumentation;
  /** Whether it uses our hooks. */
  readonly isHooked: boolean;
}

/**
 * Private members of InstrumentationBase, as seen on @opentelemetry/instrumentation 0.34 to 0.300.
 */
interface Hookable {
  _requireInTheMiddleSingleton: { register(moduleName: string, onRequire: OnRequire): unknown };
  /** Would take the module that is being loaded for one that was loaded too early. */
  _warnOnPreloadedModules(): void;
}

/**
 * Makes the first class named …Instrumentation of what a package exports.
 * @throws {TypeError} where there is none
 */
export function adopt(exported: unknown): AdoptedInstrumentation {
  if (typeof exported === 'object' && exported !== null) {
    for (const [name, value] of Object.entries(exported)) {
      if (!name.endsWith('Instrumentation') || !isClass(value)) continue;
      const instance = constructDisabled(value);
      if (!isInstrumentation(instance)) continue;
      const isHooked = isHookable(instance);
      if (isHooked) {
        instance._requireInTheMiddleSingleton = OUR_HOOKS;
        instance._warnOnPreloadedModules = () => {};
      }
      instance.enable();
      hookBundlesFor(instance);
      return { instrumentation: instance, isHooked };
    }
  }
  throw new TypeError('it exports no class named …Instrumentation');
}

/**
 * The base constructor enables it, which hooks modules, before it can be given our hooks; several
 * have no option against that.
 */
function constructDisabled(Class: new () => unknown): unknown {
  const prototype: object = Class.prototype;
  const own = Object.getOwnPropertyDescriptor(prototype, 'enable');
  Object.defineProperty(prototype, 'enable', { value: () => {}, configurable: true });
  try {
    return Reflect.construct(Class, []);
  } finally {
    if (own === undefined) Reflect.deleteProperty(prototype, 'enable');
    else Object.defineProperty(prototype, 'enable', own);
  }
}

const OUR_HOOKS: Hookable['_requireInTheMiddleSingleton'] = {
  register(moduleName, onRequire) {
    new Hook([moduleName], { internals: true }, (exports, name, folder) => {
      // A file outside of any package: as upstream's hook gives it.
      if (folder === undefined && isAbsolute(name)) return onRequire(exports, parse(name).name, parse(name).dir);
      return onRequire(exports, name, folder ?? undefined);
    });
    // The copy cannot read the version of a library in a bundle: bundle-hooks.ts patches there.
    return RequireInTheMiddleSingleton.getInstance().register(moduleName, (exports, name, folder) =>
      isTakingBundled() ? exports : onRequire(exports, name, folder),
    );
  },
};

function isClass(value: unknown): value is new () => unknown {
  return typeof value === 'function' && value.prototype !== undefined;
}

function isHookable(instance: object): instance is Instrumentation & Hookable {
  if (!('_requireInTheMiddleSingleton' in instance)) return false;
  const hooks = instance._requireInTheMiddleSingleton;
  return typeof hooks === 'object' && hooks !== null && 'register' in hooks && typeof hooks.register === 'function';
}

function isInstrumentation(value: unknown): value is Instrumentation {
  return typeof value === 'object' && value !== null && 'instrumentationName' in value && 'setTracerProvider' in value && 'enable' in value;
}
