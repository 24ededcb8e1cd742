// Calls that one statement does together: those that come while a statement is under way wait for
// the next one.
import { context } from '@opentelemetry/api';
import { LOOP_CONTEXT } from '../integrations/queue/inner-context.js';

interface Waiting<Item, Result> {
  readonly item: Item;
  readonly resolve: (result: Result | undefined) => void;
}

export class Batch<Item, Result> {
  readonly #run: (items: readonly Item[]) => Promise<readonly (Result | undefined)[]>;
  readonly #maxSize: number;
  #waiting: Waiting<Item, Result>[] = [];
  #isRunning = false;

  /**
   * @param run resolves with one result for each item, in their order; undefined for what it could
   * not do.
   */
  constructor(maxSize: number, run: (items: readonly Item[]) => Promise<readonly (Result | undefined)[]>) {
    this.#maxSize = maxSize;
    this.#run = run;
  }

  /** Resolves with undefined where the batch failed, or could not do this one. */
  add(item: Item): Promise<Result | undefined> {
    return new Promise((resolve) => {
      this.#waiting.push({ item, resolve });
      if (this.#isRunning) return;
      this.#isRunning = true;
      // A batch belongs to no trace of its jobs. In the next turn, so that all of this turn are in
      // it.
      context.with(LOOP_CONTEXT, () => setImmediate(() => void this.#runAll()));
    });
  }

  async #runAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, this.#maxSize);
      const results = await this.#run(batch.map(({ item }) => item)).catch(() => []);
      for (const [index, { resolve }] of batch.entries()) resolve(results[index]);
    }
    this.#isRunning = false;
  }
}
