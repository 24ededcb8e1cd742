// Stands in for import-in-the-middle in the bundle. That package opens files and threads' channels at each start: it is loaded once
// `import` is hooked, and in most CommonJS programs it is not.
import type { HookFn, Hook as ImportHook, Options } from 'import-in-the-middle';

/** Hooks asked for before the package was loaded; `undefined` once it is. */
let waiting: Hook[] | undefined = [];

/** The class of import-in-the-middle, with a hook that opens later. */
export class Hook {
  readonly #arguments: [string[], Options, HookFn];
  #hook: ImportHook | undefined;

  constructor(...hookArguments: [string[], Options, HookFn]) {
    this.#arguments = hookArguments;
    if (waiting === undefined) this.open();
    else waiting.push(this);
  }

  open(): void {
    const { Hook: Real }: typeof import('import-in-the-middle') = require('import-in-the-middle');
    this.#hook = new Real(...this.#arguments);
  }

  unhook(): void {
    waiting = waiting?.filter((hook) => hook !== this);
    this.#hook?.unhook();
  }
}

/** Opens all hooks. Must be called where modules are imported through import-in-the-middle's loader, whoever has registered it. */
export function openImportHooks(): void {
  for (const hook of waiting ?? []) hook.open();
  waiting = undefined;
}
