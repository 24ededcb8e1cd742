// A function that takes the place of a library's looks like it: frameworks read names and lengths,
// and so do people who print things.

type AnyFunction = (...args: never[]) => unknown;

/** Gives `replacement` the name and the length of `original`, and returns it. */
export function preserveSignature<Replacement extends AnyFunction>(replacement: Replacement, original: AnyFunction): Replacement {
  for (const key of ['name', 'length'] as const) {
    if (replacement[key] !== original[key]) Object.defineProperty(replacement, key, { value: original[key], configurable: true });
  }
  return replacement;
}

/**
 * The function that an instrumentation has put in the place of another, when it has: it remembers
 * the other one.
 */
export function preserveWrappedSignature(wrapped: unknown): void {
  if (typeof wrapped !== 'function' || !('__original' in wrapped)) return;
  const { __original: original } = wrapped;
  if (isFunction(wrapped) && isFunction(original)) preserveSignature(wrapped, original);
}

function isFunction(value: unknown): value is AnyFunction {
  return typeof value === 'function';
}
