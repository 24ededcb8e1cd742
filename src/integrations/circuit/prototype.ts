// Patches `on` and `call` of CircuitBreaker.prototype. The class itself stays the one it was:
// identity, statics, instanceof, subclasses.
import type { Tracer } from '@opentelemetry/api';
import type Opossum from 'opossum';
import { isReplaced, type MethodPatches } from '../../observe/method-patches.js';
import type { BreakerRegistry } from './breaker-registry.js';
import { traceCalls } from './call-span.js';
import type { Breaker } from './opossum.js';
import { type Listener, ownListener } from './own-listeners.js';

export type OpossumClass = typeof Opossum;

/**
 * Whether breakers of this class are observed already, by this copy of the package or by another
 * one.
 */
export function isPatched(opossum: OpossumClass): boolean {
  return isReplaced(opossum.prototype, 'on');
}

/**
 * Observes every breaker that is made from now on. Breakers that are there when the patches are
 * undone stay observed.
 * @param exports the class, or the namespace of an ES module that has it as its default
 * @param tracer given when each call shall have a span
 */
export function patchPrototype(
  patches: MethodPatches,
  exports: unknown,
  registry: BreakerRegistry,
  tracer: (() => Tracer) | undefined,
): void {
  const opossum = findClass(exports);
  if (opossum === undefined) return;
  const prototype: BreakerMethods = opossum.prototype;
  const parent: Pick<BreakerMethods, 'on'> = Object.getPrototypeOf(prototype);
  patches.replace(prototype, 'on', () => {
    return function on(this: Breaker, event: unknown, listener: Listener) {
      return parent.on.call(this, event, patches.isOn ? ownListener(this, event, listener, registry) : listener);
    };
  });
  if (tracer !== undefined) patches.replace(prototype, 'call', (original) => traceCalls(original, tracer, patches));
}

interface BreakerMethods {
  on(this: Breaker, event: unknown, listener: Listener): unknown;
  call: Opossum['call'];
}

function findClass(exports: unknown): OpossumClass | undefined {
  if (isOpossumClass(exports)) return exports;
  if (typeof exports === 'object' && exports !== null && 'default' in exports && isOpossumClass(exports.default)) return exports.default;
  return undefined;
}

function isOpossumClass(value: unknown): value is OpossumClass {
  return typeof value === 'function' && typeof value.prototype?.fire === 'function' && typeof value.prototype.on === 'function';
}
