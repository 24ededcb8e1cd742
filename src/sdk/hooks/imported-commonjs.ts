// Makes CommonJS modules that ES modules import visible to the hooks of `require`, where Node has
// no complete synchronous hooks (Node 20, early 22 and 24): an ES module loaded by `require()` is
// seen by no loader thread, and one loaded by `import()` only where there is such a thread. Relies
// on what Node 20.20 and 22.14 do inside, which test/sdk/hooks/required-es-module.test.ts notices:
// such a module is loaded by `Module._load` without a parent, and Node keeps what a module exported
// when its `load` ended for the ES modules that import it later.
import Module, { syncBuiltinESMExports } from 'node:module';
import { isAbsolute } from 'node:path';
import { types } from 'node:util';
import { RequireInTheMiddleSingleton } from './require-hooks.js';

type Load = (this: unknown, request: string, parent: unknown, isMain: boolean) => unknown;
interface Loader {
  _load: Load;
  _extensions: Record<string, unknown>;
}
interface LoadedModule extends NodeModule {
  load(filename: string): void;
}

export function hookImportedCommonJs(): void {
  const loader: unknown = Module;
  if (!isLoader(loader)) return;
  const hooks = RequireInTheMiddleSingleton.getInstance();
  hooks.onReplaced = (original, replacement) => replaceForImports(loader, original, replacement);
  const original = loader._load;
  loader._load = function load(request, parent, isMain) {
    const isImported = (parent === null || parent === undefined) && !isMain && isAbsolute(request);
    // Loads it by `require`, with its hooks, and by this function once more.
    const exports = isImported ? new Module(request).require(request) : original.call(this, request, parent, isMain);
    if ((isImported || types.isModuleNamespaceObject(exports)) && hooks.meetBuiltins()) syncBuiltinESMExports();
    return exports;
  };
}

/** Loads the module once more, from nowhere, for what it exports now. */
function replaceForImports({ _extensions: extensions }: Loader, original: unknown, replacement: unknown): void {
  const module = Object.values(require.cache).find((each) => each?.exports === original);
  const load = extensions['.js'];
  if (module === undefined || !isLoaded(module)) return;
  try {
    extensions['.js'] = () => {};
    module.exports = replacement;
    module.loaded = false;
    module.load(module.filename);
  } finally {
    extensions['.js'] = load;
    module.exports = original;
    module.loaded = true;
  }
}

function isLoader(value: unknown): value is Loader {
  return typeof value === 'function' && '_load' in value && typeof value._load === 'function' && '_extensions' in value;
}

function isLoaded(module: NodeModule): module is LoadedModule {
  return module.loaded && module.filename.endsWith('.js') && 'load' in module && typeof module.load === 'function';
}
