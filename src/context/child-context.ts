// A context with one value more than its parent. The SDK's context copies a map for each value, and
// a job sets several.
import type { Context } from '@opentelemetry/api';

export class ChildContext implements Context {
  readonly #parent: Context;
  readonly #key: symbol | undefined;
  readonly #value: unknown;

  /**
   * Without a key it has the same values as its parent, and setting a value on it copies nothing.
   */
  constructor(parent: Context, key?: symbol, value?: unknown) {
    this.#parent = parent;
    this.#key = key;
    this.#value = value;
  }

  getValue(key: symbol): unknown {
    let holder: Context = this;
    while (holder instanceof ChildContext) {
      if (holder.#key === key) return holder.#value;
      holder = holder.#parent;
    }
    return holder.getValue(key);
  }

  setValue(key: symbol, value: unknown): Context {
    return new ChildContext(this.#key === undefined ? this.#parent : this, key, value);
  }

  deleteValue(key: symbol): Context {
    return this.setValue(key, undefined);
  }
}
