// Reports a trace when it has stopped growing. OTLP has no end of a trace, so a quiet period stands
// for it.

import type { Telemetry } from './telemetry.js';

export interface FinishedTracesOptions {
  /**
   * Time without a new span after which a trace is reported. Default 2000, above the usual delay
   * between the exports of two processes.
   */
  quietMs?: number;
  /** Time after which a trace that keeps growing is reported. Default 15000. */
  maxWaitMs?: number;
}

interface Growing {
  first: number;
  last: number;
}

/** Growing traces at once: above that, the oldest are reported early. */
const MAX_GROWING = 5_000;

export class FinishedTraces {
  readonly #onFinished: (traceId: string) => void;
  readonly #quietMs: number;
  readonly #maxWaitMs: number;
  readonly #growing = new Map<string, Growing>();
  #timer: NodeJS.Timeout | undefined;

  /**
   * @param onFinished called once for each time a trace has grown and stopped: again when late
   * spans arrive
   */
  constructor(onFinished: (traceId: string) => void, options: FinishedTracesOptions = {}) {
    this.#onFinished = onFinished;
    this.#quietMs = options.quietMs ?? 2_000;
    this.#maxWaitMs = options.maxWaitMs ?? 15_000;
  }

  /** To be called for each export. */
  add(received: Pick<Telemetry, 'spans'>): void {
    const now = Date.now();
    for (const { traceId } of received.spans) {
      const growing = this.#growing.get(traceId);
      if (growing === undefined) this.#growing.set(traceId, { first: now, last: now });
      else growing.last = now;
    }
    if (this.#growing.size > MAX_GROWING) this.#finishOldest();
    this.#timer ??= setInterval(() => this.#check(), Math.max(10, this.#quietMs / 4)).unref();
  }

  /** Reports all that are still growing, and stops. */
  flush(): void {
    for (const traceId of [...this.#growing.keys()]) this.#finish(traceId);
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /**
   * A tenth of them at once: a map finds its first key only after all keys that were deleted before
   * it.
   */
  #finishOldest(): void {
    const oldest = [...this.#growing.keys()].slice(0, this.#growing.size - MAX_GROWING * 0.9);
    for (const traceId of oldest) this.#finish(traceId);
  }

  #check(): void {
    const now = Date.now();
    for (const [traceId, { first, last }] of [...this.#growing]) {
      if (now - last >= this.#quietMs || now - first >= this.#maxWaitMs) this.#finish(traceId);
    }
    if (this.#growing.size === 0) this.flush();
  }

  #finish(traceId: string): void {
    this.#growing.delete(traceId);
    this.#onFinished(traceId);
  }
}
