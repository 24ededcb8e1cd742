// Replaces methods of prototypes and puts them back. The same prototype is patched once, however often its module is seen (require and import).

export type Method = (this: unknown, ...values: unknown[]) => unknown;

export class Patches {
  readonly #restores: (() => void)[] = [];
  readonly #seen = new Map<object, Set<PropertyKey>>();

  /** Replaces `target[key]` by what `make` makes of it; leaves alone what is no method of `target` itself. */
  wrap<Target extends object, Key extends keyof Target>(
    target: Target | undefined,
    key: Key,
    make: (original: NonNullable<Target[Key]>) => NonNullable<Target[Key]>,
  ): void {
    const descriptor = target === undefined ? undefined : Object.getOwnPropertyDescriptor(target, key);
    if (target === undefined || typeof descriptor?.value !== 'function' || !this.#isFirst(target, key)) return;
    Object.defineProperty(target, key, { ...descriptor, value: make(descriptor.value) });
    this.#restores.push(() => Object.defineProperty(target, key, descriptor));
  }

  /** Replaces every `async` method of `target`. */
  wrapAsyncMethods(target: object | undefined, make: (original: Method) => Method): void {
    if (target === undefined) return;
    for (const [key, descriptor] of Object.entries(Object.getOwnPropertyDescriptors(target))) {
      const original: unknown = descriptor.value;
      if (!isAsyncMethod(original) || !this.#isFirst(target, key)) continue;
      Object.defineProperty(target, key, { ...descriptor, value: make(original) });
      this.#restores.push(() => Object.defineProperty(target, key, descriptor));
    }
  }

  restore(): void {
    for (const restore of this.#restores.splice(0)) restore();
    this.#seen.clear();
  }

  #isFirst(target: object, key: PropertyKey): boolean {
    const keys = this.#seen.get(target) ?? new Set();
    this.#seen.set(target, keys);
    return !keys.has(key) && keys.add(key) === keys;
  }
}

function isAsyncMethod(value: unknown): value is Method {
  return typeof value === 'function' && value.constructor.name === 'AsyncFunction';
}
