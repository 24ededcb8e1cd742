// A task that runs while there is work for it: never twice at once, not more often than it may, and
// with growing pauses while it fails.
import { context } from '@opentelemetry/api';
import { withDeadline } from '../../node/deadline.js';
import { LOOP_CONTEXT } from './inner-context.js';

/** The connection has a shorter one for each command. */
const DEADLINE_MS = 2_000;
const FIRST_PAUSE_MS = 1_000;
/** So that what is of use for half a minute only is tried again in it when the server is back. */
const MAX_PAUSE_MS = 4_000;

export interface Work {
  /** Resolves with whether there is more to do. */
  run(): Promise<boolean>;
  /** Called once each time that failing begins. */
  onFailure(error: unknown): void;
}

export class PacedTask {
  readonly #everyMs: number;
  readonly #work: Work;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;
  #notBefore = 0;
  #pauseMs = 0;

  constructor(everyMs: number, work: Work) {
    this.#everyMs = everyMs;
    this.#work = work;
  }

  /** There is work: at once, if the last run is long enough ago. */
  request(): void {
    if (this.#timer !== undefined || this.#running !== undefined) return;
    const waitMs = Math.max(0, this.#notBefore - performance.now());
    // The timer belongs to no trace, and does not keep the process alive.
    this.#timer = context.with(LOOP_CONTEXT, () => setTimeout(() => void this.runNow(), waitMs).unref());
  }

  /** Never rejects. */
  runNow(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  async #run(): Promise<void> {
    let hasMore = true;
    try {
      hasMore = await withDeadline(
        context.with(LOOP_CONTEXT, () => this.#work.run()),
        DEADLINE_MS,
      );
      this.#pauseMs = 0;
    } catch (error) {
      if (this.#pauseMs === 0) this.#work.onFailure(error);
      this.#pauseMs = this.#pauseMs === 0 ? FIRST_PAUSE_MS : Math.min(2 * this.#pauseMs, MAX_PAUSE_MS);
    }
    this.#notBefore = performance.now() + Math.max(this.#everyMs, this.#pauseMs);
    // After `#running` is cleared.
    if (hasMore) setImmediate(() => this.request()).unref();
  }
}
