// A context that holds one value more than its parent. The SDK's copies a map for each value; a job needs several of them.
import type { Context } from '@opentelemetry/api';

export class ChildContext implements Context {
  readonly #parent: Context;
  readonly #key: symbol | undefined;
  readonly #value: unknown;

  /** Without a key it holds no more than its parent, and what is set on it is not copied. */
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
