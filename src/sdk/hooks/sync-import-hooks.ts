// Hooks `import` in this thread, where Node's synchronous hooks are complete. import-in-the-middle,
// with its parsers more than all the rest of a start, is loaded when something is imported: most
// CommonJS programs import nothing.
import Module from 'node:module';
import { pathToFileURL } from 'node:url';

interface ResolveContext {
  readonly conditions?: readonly string[];
}
type Resolve = (specifier: string, context: ResolveContext, next: (specifier: string, context: ResolveContext) => unknown) => unknown;
type Load = (url: string, context: unknown, next: (url: string, context: unknown) => unknown) => unknown;

/** What create-hook.mjs of import-in-the-middle makes. */
interface ImportHooks {
  readonly resolveSync: Resolve;
  readonly loadSync: Load;
  applyOptions(options: { readonly include: readonly (string | RegExp)[] }): void;
}
interface HookableModule {
  registerHooks(hooks: { resolve?: Resolve; load?: Load }): void;
}

/** The test of import-in-the-middle's supports-sync-hooks.mjs, which Node 20 could not require. */
export function supportsSyncHooks(): boolean {
  const [major = 0, minor = 0, patch = 0] = process.versions.node.split('.').map((part) => Number.parseInt(part, 10));
  if (major >= 26) return true;
  if (major === 25) return minor >= 1;
  if (major === 24) return minor > 11 || (minor === 11 && patch >= 1);
  return major === 22 && (minor > 22 || (minor === 22 && patch >= 3));
}

/**
 * @param modules names, and URLs of inner files
 * @param onFirstImport is called when the hooks are there
 * @param onFailure is called when import-in-the-middle cannot be loaded: imports are then as without
 * hooks
 */
export function hookImportsInThread(
  modules: readonly (string | RegExp)[],
  onFirstImport: () => void,
  onFailure: (error: unknown) => void,
): void {
  const loader: object = Module;
  if (!isHookable(loader)) throw new TypeError('node:module has no registerHooks()');
  let hooks: ImportHooks | undefined;
  // Also while it is being loaded, which imports its parsers.
  let isAsked = false;
  loader.registerHooks({
    resolve(specifier, context, next) {
      // `require()` and `require.resolve()` pass here too; nothing is done about them.
      if (context.conditions?.includes('require') === true) return next(specifier, context);
      if (!isAsked) {
        isAsked = true;
        try {
          hooks = loadHooks(modules);
          loader.registerHooks({ load: hooks.loadSync });
          onFirstImport();
        } catch (error) {
          hooks = undefined;
          onFailure(error);
        }
      }
      return hooks === undefined ? next(specifier, context) : hooks.resolveSync(specifier, context, next);
    },
  });
}

function loadHooks(modules: readonly (string | RegExp)[]): ImportHooks {
  const { createHook }: { createHook(meta: { url: string }): ImportHooks } = require('import-in-the-middle/create-hook.mjs');
  // It finds its other files beside the one that it is given.
  const hooks = createHook({ url: pathToFileURL(require.resolve('import-in-the-middle/register-hooks.mjs')).href });
  hooks.applyOptions({ include: modules });
  return hooks;
}

function isHookable(loader: object): loader is HookableModule {
  return 'registerHooks' in loader && typeof loader.registerHooks === 'function';
}
