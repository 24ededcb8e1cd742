// Tracks whether Redis takes events, and reports once that it does again.
import type { QueueEvents } from './queue-event.js';
import type { FailureReason } from './store-failure.js';

export interface AvailabilityState {
  readonly isDegraded: boolean;
  readonly reason: FailureReason | undefined;
  /** ms since 1970 of the first event that Redis did not take. */
  readonly since: number | undefined;
  readonly degradedEvents: number;
}

export class Availability {
  readonly #queue: string;
  readonly #events: QueueEvents;
  #reason: FailureReason | undefined;
  #since: number | undefined;
  #count = 0;

  constructor(queue: string, events: QueueEvents) {
    this.#queue = queue;
    this.#events = events;
  }

  get state(): AvailabilityState {
    return { isDegraded: this.#since !== undefined, reason: this.#reason, since: this.#since, degradedEvents: this.#count };
  }

  failed(reason: FailureReason): void {
    this.#reason = reason;
    this.#since ??= Date.now();
    this.#count++;
  }

  succeeded(): void {
    if (this.#since === undefined) return;
    const [degradedMs, degradedEvents] = [Date.now() - this.#since, this.#count];
    this.#since = undefined;
    this.#reason = undefined;
    this.#count = 0;
    this.#events.notify({ type: 'recovered', queue: this.#queue, degradedMs, degradedEvents });
  }
}
