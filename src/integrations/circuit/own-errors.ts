// The errors that opossum itself makes: each ends one call, and is emitted twice.

/**
 * Errors whose call is counted already: opossum emits a timeout as `timeout` and again as
 * `failure`. They are known by identity: breakers can be nested.
 */
export class OwnErrors {
  readonly #counted = new WeakSet<object>();

  add(error: unknown): void {
    if (typeof error === 'object' && error !== null) this.#counted.add(error);
  }

  has(error: unknown): boolean {
    return typeof error === 'object' && error !== null && this.#counted.has(error);
  }
}

/**
 * Whether a failure is being emitted: opossum decides whether to open before the current turn ends,
 * so what opens a breaker meanwhile is that failure.
 */
export class FailureTurn {
  #isOn = false;
  readonly #end = () => {
    this.#isOn = false;
  };

  get isOn(): boolean {
    return this.#isOn;
  }

  begin(): void {
    this.#isOn = true;
    queueMicrotask(this.#end);
  }
}
