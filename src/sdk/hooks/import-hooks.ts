// Stands in for import-in-the-middle in the bundle. That package opens files and threads' channels
// at each start: it is loaded once `import` is hooked, and in most CommonJS programs it is not.
import type { HookFn, Hook as ImportHook, Options } from 'import-in-the-middle';

/** Hooks asked for before the package was loaded; `undefined` once it is. */
let waiting: Hook[] | undefined = [];
/** Hooks that were opened while a hook is told of a module. */
let opened: Hook[] | undefined;

/** The class of import-in-the-middle, with a hook that opens later. */
export class Hook {
  readonly #modules: readonly string[];
  readonly #options: Options;
  readonly #hookFn: HookFn;
  #hook: ImportHook | undefined;

  constructor(modules: string[], options: Options, hookFn: HookFn) {
    this.#modules = modules;
    this.#options = options;
    this.#hookFn = hookFn;
    if (waiting === undefined) this.open();
    else waiting.push(this);
  }

  open(): void {
    const { Hook: Real }: typeof import('import-in-the-middle') = require('import-in-the-middle');
    this.#hook = new Real([...this.#modules], this.#options, (exports, name, ...rest) => this.#meet(exports, name, ...rest));
    opened?.push(this);
  }

  unhook(): void {
    waiting = waiting?.filter((hook) => hook !== this);
    this.#hook?.unhook();
  }

  /**
   * import-in-the-middle 3.6 tells a module to the hooks that there are; the instrumentation that
   * is made when its library is loaded comes too late.
   */
  #meet(...[exports, name, ...rest]: Parameters<HookFn>): unknown {
    const before = opened;
    const added: Hook[] = [];
    opened = added;
    try {
      const result: unknown = this.#hookFn(exports, name, ...rest);
      for (const hook of added) {
        if (!hook.#isFor(name)) continue;
        const replaced: unknown = hook.#meet(exports, name, ...rest);
        if (replaced !== undefined && replaced !== exports && 'default' in exports) exports['default'] = replaced;
      }
      return result;
    } finally {
      opened = before;
    }
  }

  /** @param name of a package, or of one of its inner files */
  #isFor(name: string): boolean {
    return this.#modules.some((module) => name === module || name.startsWith(`${module}/`));
  }
}

/**
 * Opens all hooks. Must be called where modules are imported through import-in-the-middle's loader,
 * whoever has registered it.
 */
export function openImportHooks(): void {
  for (const hook of waiting ?? []) hook.open();
  waiting = undefined;
}
