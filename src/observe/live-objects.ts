// Objects of the app (clients, connections) that are still there, held weakly: what the app drops
// is forgotten, and the references to it are cleared away as others are added.

/** Fewer references are not worth a look. */
const MIN_SWEEP = 64;

export class LiveObjects<Value extends object> implements Iterable<Value> {
  readonly #known = new WeakSet<Value>();
  readonly #references = new Set<WeakRef<Value>>();
  #sweepAt = MIN_SWEEP;

  add(value: Value): void {
    if (this.#known.has(value)) return;
    this.#known.add(value);
    if (this.#references.size >= this.#sweepAt) this.#sweepAt = Math.max(MIN_SWEEP, 2 * [...this].length);
    this.#references.add(new WeakRef(value));
  }

  *[Symbol.iterator](): Iterator<Value> {
    for (const reference of this.#references) {
      const value = reference.deref();
      if (value === undefined) this.#references.delete(reference);
      else yield value;
    }
  }
}
