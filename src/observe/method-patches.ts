// Replaces methods of observed libraries, and puts the originals back. One rule of undo for all
// integrations: a method that somebody else has wrapped since keeps its wrapper and our replacement
// below it, which passes every call through from then on.
import { preserveSignature } from './preserve-signature.js';

export type AnyMethod = (this: unknown, ...args: unknown[]) => unknown;

/**
 * Marks a replacement, so that another copy of this package does not observe the same method once
 * more.
 */
const REPLACEMENT = Symbol.for('@sietch/otel.replacement');

export class MethodPatches {
  /**
   * False after `undo()`: a replacement that could not be taken off must pass its calls through.
   * Public and plain, since hot paths read it.
   */
  isOn = true;
  readonly #undo = new Map<object, Map<PropertyKey, () => boolean>>();

  /**
   * Replaces `owner[key]`, once, by what `make` makes of it. Does nothing where there is no such
   * method.
   */
  replace<Owner extends object, Key extends keyof Owner>(
    owner: Owner | undefined,
    key: Key,
    make: (original: NonNullable<Owner[Key]>) => NonNullable<Owner[Key]>,
  ): void {
    this.isOn = true;
    if (owner === undefined || this.#undo.get(owner)?.has(key) || isReplaced(owner, key)) return;
    const found = findDescriptor(owner, key);
    if (typeof found?.value !== 'function') return;
    const replacement = make(found.value);
    // What shadows an inherited method is as visible as the other methods of its class.
    const enumerable = found.enumerable === true && Object.keys(owner).length > 0;
    Object.defineProperty(replacement, REPLACEMENT, { value: true });
    const undo = this.#undo.get(owner) ?? new Map<PropertyKey, () => boolean>();
    this.#undo.set(owner, undo.set(key, replaceMethod(owner, key, replacement, enumerable)));
  }

  /** Replaces every `async` method of `owner` itself. */
  replaceAsyncMethods(owner: object | undefined, make: (original: AnyMethod) => AnyMethod): void {
    if (owner === undefined) return;
    const methods: Record<string, AnyMethod> = Object(owner);
    for (const [key, { value }] of Object.entries(Object.getOwnPropertyDescriptors(owner))) {
      if (typeof value === 'function' && value.constructor.name === 'AsyncFunction') this.replace(methods, key, make);
    }
  }

  undo(): void {
    this.isOn = false;
    for (const methods of this.#undo.values()) for (const [key, putBack] of methods) if (putBack()) methods.delete(key);
  }
}

/** Whether a copy of this package has replaced `owner[key]`. */
export function isReplaced(owner: object, key: PropertyKey): boolean {
  const value: unknown = findDescriptor(owner, key)?.value;
  return typeof value === 'function' && REPLACEMENT in value;
}

/**
 * Replaces `owner[key]` for as long as nobody else does.
 * @param enumerable where `owner` inherits the method: false for an object of the app's, which
 *   shall not show it
 * @returns puts the original back, and returns whether it could: not where somebody has wrapped the
 *   replacement since
 */
export function replaceMethod<Owner extends object, Key extends keyof Owner>(
  owner: Owner,
  key: Key,
  replacement: Owner[Key],
  enumerable = false,
): () => boolean {
  const own = Object.getOwnPropertyDescriptor(owner, key);
  const original: unknown = findDescriptor(owner, key)?.value;
  if (isFunction(replacement) && isFunction(original)) preserveSignature(replacement, original);
  Object.defineProperty(owner, key, { value: replacement, configurable: true, writable: true, enumerable: own?.enumerable ?? enumerable });
  return () => {
    if (owner[key] !== replacement) return false;
    if (own === undefined) Reflect.deleteProperty(owner, key);
    else Object.defineProperty(owner, key, own);
    return true;
  };
}

function findDescriptor(owner: object, key: PropertyKey): PropertyDescriptor | undefined {
  for (let at: object | null = owner; at !== null; at = Object.getPrototypeOf(at)) {
    const found = Object.getOwnPropertyDescriptor(at, key);
    if (found !== undefined) return found;
  }
  return undefined;
}

function isFunction(value: unknown): value is (...args: never[]) => unknown {
  return typeof value === 'function';
}
