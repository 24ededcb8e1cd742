// The backoff of a queue: how long it waits before it retries exports that failed for now.
import { untraced } from '../context/untraced.js';

const FIRST_MS = 1000;
const LONGEST_MS = 30_000;
const JITTER = 0.2;
/** Upper bound for Retry-After. */
const MAX_RETRY_AFTER_MS = 300_000;

export class Backoff {
  readonly #retry: () => void;
  #failures = 0;
  #pause: NodeJS.Timeout | undefined;
  /** End of the pause that the collector asked for (Retry-After); 0 without one. */
  #imposedUntil = 0;

  /** @param retry called at the end of each pause, outside of every context */
  constructor(retry: () => void) {
    this.#retry = retry;
  }

  /** Whether an export failed and none has succeeded since. */
  get isOn(): boolean {
    return this.#failures > 0;
  }

  /** Whether the collector has asked for a pause that is not over. */
  get isImposed(): boolean {
    return Date.now() < this.#imposedUntil;
  }

  /**
   * Begins a pause. Exports that were under way together and fail together make one, the longest
   * that the collector asks for.
   */
  fail(retryAfterMs: number | undefined): void {
    const isPausing = this.#pause !== undefined;
    if (!isPausing) this.#failures++;
    const ms = backoffMs(this.#failures, retryAfterMs);
    const until = retryAfterMs === undefined ? 0 : Date.now() + ms;
    if (isPausing && until <= this.#imposedUntil) return;
    this.endPause();
    this.#imposedUntil = until;
    this.#pause = untraced(() => setTimeout(() => this.#end(), ms));
    this.#pause.unref();
  }

  /** An export has succeeded, or failed for good. A pause that another one has begun goes on. */
  succeed(): void {
    if (this.#pause !== undefined) return;
    this.#failures = 0;
    this.#imposedUntil = 0;
  }

  /** Ends the pause without a retry. */
  endPause(): void {
    clearTimeout(this.#pause);
    this.#pause = undefined;
  }

  #end(): void {
    this.#pause = undefined;
    this.#retry();
  }
}

/**
 * Doubles from one second to half a minute, ±20 % so that many processes do not come back at once.
 * `retryAfterMs` (Retry-After) takes precedence.
 */
function backoffMs(attempt: number, retryAfterMs: number | undefined): number {
  if (retryAfterMs !== undefined) return Math.min(Math.max(retryAfterMs, 0), MAX_RETRY_AFTER_MS);
  const step = Math.min(FIRST_MS * 2 ** Math.min(attempt - 1, 10), LONGEST_MS);
  return step * (1 - JITTER + Math.random() * 2 * JITTER);
}
