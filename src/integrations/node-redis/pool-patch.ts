// Runs the tasks of a client pool in the context of their callers. One that has waited for a client
// is run by the pool in the context of whoever gave the client back.
import { activeContext, runInContext } from '../../context/context-manager.js';
import type { AnyMethod, MethodPatches } from '../../observe/method-patches.js';

export interface PoolPrototype {
  execute(this: unknown, task: unknown): unknown;
}

export function patchPool(patches: MethodPatches, prototype: PoolPrototype | undefined): void {
  patches.replace(
    prototype,
    'execute',
    (original) =>
      function execute(this: unknown, task) {
        return original.call(this, isFunction(task) && patches.isOn ? inCallersContext(task) : task);
      },
  );
}

function inCallersContext(task: AnyMethod): AnyMethod {
  const caller = activeContext();
  return function run(this: unknown, ...args) {
    return runInContext(caller, () => task.apply(this, args));
  };
}

function isFunction(value: unknown): value is AnyMethod {
  return typeof value === 'function';
}
