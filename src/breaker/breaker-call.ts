// One call through a CircuitBreaker, as its action sees it.

/** Given to the action before the arguments of the call. */
export interface BreakerCall {
  /**
   * Aborted when this call times out, and by nothing else: hand it to `fetch` or to the SDK, so
   * that no request outlives its caller.
   */
  readonly signal: AbortSignal;
}

export class OwnCall<Args extends unknown[]> implements BreakerCall {
  readonly args: Args;
  #controller: AbortController | undefined;
  #reason: Error | undefined;

  constructor(args: Args) {
    this.args = args;
  }

  // Made when it is asked for: a controller costs more than the rest of the call.
  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#reason !== undefined) this.#controller.abort(this.#reason);
    }
    return this.#controller.signal;
  }

  abort(reason: Error): void {
    this.#reason = reason;
    this.#controller?.abort(reason);
  }
}
