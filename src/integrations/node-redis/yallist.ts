// The list class of node-redis 4's queue, which is a package of its own.
import { createRequire } from 'node:module';
import type { ListPrototype } from './queue-patch.js';

/** The one that the module with these exports has loaded; undefined when it cannot be found. */
export function yallistOf(queueModule: unknown): ListPrototype | undefined {
  const file = Object.values(require.cache).find((module) => module?.exports === queueModule)?.filename;
  if (file === undefined) return undefined;
  try {
    const list: { readonly prototype?: ListPrototype } = createRequire(file)('yallist');
    return list.prototype;
  } catch {
    return undefined;
  }
}
