// A context that holds one value more than its parent. The SDK's copies a map for each value; a job needs eight of them.
import type { Context } from '@opentelemetry/api';

export class ChildContext implements Context {
  readonly #parent: Context;
  readonly #key: symbol;
  readonly #value: unknown;

  constructor(parent: Context, key: symbol, value: unknown) {
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
    return new ChildContext(this, key, value);
  }

  deleteValue(key: symbol): Context {
    return new ChildContext(this, key, undefined);
  }
}
