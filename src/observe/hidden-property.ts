// Sets properties of ours on objects of observed libraries, out of sight of the app.

/** Sets a property that neither listing nor printing the object shows. */
export function setHidden<K extends symbol>(target: { [key in K]?: unknown }, key: K, value: unknown): void {
  Object.defineProperty(target, key, { value, writable: true, configurable: true, enumerable: false });
}
