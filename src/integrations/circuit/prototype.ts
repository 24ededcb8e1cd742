// The methods of our own on CircuitBreaker.prototype. The class itself stays the one it was: identity, statics, instanceof, subclasses.
import type { Tracer } from '@opentelemetry/api';
import type Opossum from 'opossum';
import type { BreakerRegistry } from './breaker-registry.js';
import { traceCalls } from './call-span.js';
import type { Breaker } from './opossum.js';
import { type Listener, ownListener } from './own-listeners.js';

export type OpossumClass = typeof Opossum;

/** Set on a prototype that has our methods; other copies of this package see it too. Its value takes them away. */
const UNPATCH = Symbol.for('@sietch/otel.circuit.unpatch');

/** Whether breakers of this class are observed already. */
export function isPatched(opossum: OpossumClass): boolean {
  return UNPATCH in opossum.prototype;
}

/**
 * Observes every breaker that is made from now on.
 * @param exports the class, or the namespace of an ES module that has it as its default
 * @param tracer given when each call shall have a span
 */
export function patchPrototype(exports: unknown, registry: BreakerRegistry, tracer: (() => Tracer) | undefined): void {
  const opossum = findClass(exports);
  if (opossum === undefined || isPatched(opossum)) return;
  const { prototype } = opossum;
  const parent: { on(event: unknown, listener: Listener): Opossum } = Object.getPrototypeOf(prototype);
  const { call } = prototype;
  define(prototype, 'on', function on(this: Breaker, event: unknown, listener: Listener) {
    return parent.on.call(this, event, ownListener(this, event, listener, registry));
  });
  if (tracer !== undefined) define(prototype, 'call', traceCalls(call, tracer));
  define(prototype, UNPATCH, () => {
    Reflect.deleteProperty(prototype, 'on');
    Reflect.deleteProperty(prototype, UNPATCH);
    define(prototype, 'call', call);
  });
}

/** Breakers that are there stay observed. */
export function unpatchPrototype(exports: unknown): void {
  const unpatch: unknown = Reflect.get(findClass(exports)?.prototype ?? {}, UNPATCH);
  if (typeof unpatch === 'function') unpatch();
}

function define(prototype: object, name: string | symbol, value: unknown): void {
  Object.defineProperty(prototype, name, { value, writable: true, configurable: true, enumerable: false });
}

function findClass(exports: unknown): OpossumClass | undefined {
  if (isOpossumClass(exports)) return exports;
  if (typeof exports === 'object' && exports !== null && 'default' in exports && isOpossumClass(exports.default)) return exports.default;
  return undefined;
}

function isOpossumClass(value: unknown): value is OpossumClass {
  return typeof value === 'function' && typeof value.prototype?.fire === 'function' && typeof value.prototype.on === 'function';
}
