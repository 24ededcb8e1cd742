// Calls of a part that the app has given to start(). What such a part throws goes to one line on
// stderr, not to the code of the app that the SDK calls it for.
import { warn } from '../diagnose/diagnostics.js';

/** The calls of one part. */
export class GuardedCalls {
  #isReported = false;

  /** @return what `call` returns, or `instead` where it throws */
  attempt<Result>(method: string, call: () => Result, instead: Result): Result {
    try {
      return call();
    } catch (error) {
      this.#report(method, error);
      return instead;
    }
  }

  /** Waits for the end of `call`, also of one that fails. */
  async settle(method: string, call: () => Promise<void>): Promise<void> {
    try {
      await call();
    } catch (error) {
      this.#report(method, error);
    }
  }

  /** The message of an error may hold a value of the app. */
  #report(method: string, error: unknown): void {
    if (this.#isReported) return;
    this.#isReported = true;
    warn('SIETCH173', `${method}() threw ${error instanceof Error ? error.name : typeof error}`);
  }
}
