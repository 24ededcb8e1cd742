// Detects clock skew between this process and Redis, and reports it once each time it begins.
import { MAX_SKEW_MS, measureSkew } from '../integrations/queue/clock-skew.js';
import type { QueueEvents } from './queue-event.js';

export class ClockWatch {
  readonly #queue: string;
  readonly #events: QueueEvents;
  readonly #read: () => Promise<number>;
  #isSkewed = false;

  constructor(queue: string, events: QueueEvents, read: () => Promise<number>) {
    this.#queue = queue;
    this.#events = events;
    this.#read = read;
  }

  /** Rejects where Redis does not answer. */
  async check(): Promise<void> {
    const skewMs = await measureSkew(this.#read);
    const isSkewed = Math.abs(skewMs) > MAX_SKEW_MS;
    if (isSkewed && !this.#isSkewed) this.#events.notify({ type: 'clock_skew', queue: this.#queue, skewMs });
    this.#isSkewed = isSkewed;
  }
}
