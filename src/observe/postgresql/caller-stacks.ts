// The callers of statements that have been slow before: the first slow run marks the shape, and
// later runs of that shape capture the stack that they were called from, a bounded number in a
// second. Statements that were never slow pay nothing.
import { BoundedCache } from '../bounded-cache.js';
import { type CapturedStack, captureStack } from '../caller-stack.js';
import type { QueryShape } from './query-shape.js';

/** Each takes some ten microseconds. */
const MAX_A_SECOND = 20;
const MAX_MARKED = 500;

export class CallerStacks {
  /** Sanitised texts: a statement with other literals is the same to whoever looks for its caller. */
  readonly #marked = new BoundedCache<string, true>(MAX_MARKED);
  #second = 0;
  #captured = 0;

  /** A run of this shape was slow. */
  mark(shape: QueryShape): void {
    shape.wasSlow = true;
    this.#marked.set(shape.statement.sanitized, true);
  }

  isMarked(sanitized: string): boolean {
    return this.#marked.get(sanitized) === true;
  }

  /** Undefined when there have been enough in this second. */
  capture(): CapturedStack | undefined {
    const second = Math.floor(performance.now() / 1000);
    if (second !== this.#second) {
      this.#second = second;
      this.#captured = 0;
    }
    return this.#captured++ < MAX_A_SECOND ? captureStack() : undefined;
  }
}
