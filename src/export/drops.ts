// Counts dropped telemetry by cause and reports it at most once a minute.
import { warn } from '../diagnose/diagnostics.js';
import { counted } from '../diagnose/plural.js';

export type DropCause = 'queue_full' | 'queue_bytes' | 'refused' | 'unencodable' | 'exit' | 'shut_down';

const REMEDIES: Readonly<Record<DropCause, string>> = {
  queue_full: 'look at the collector, or raise OTEL_BSP_MAX_QUEUE_SIZE (spans) or OTEL_BLRP_MAX_QUEUE_SIZE (logs)',
  queue_bytes: 'raise SIETCH_OTEL_QUEUE_BYTES, or shorten attributes with OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT',
  refused: 'see the line about the export above, and the collector log',
  unencodable: 'report the attribute that could not be encoded',
  exit: 'raise SIETCH_OTEL_SHUTDOWN_MS, or look at the collector',
  shut_down: 'end spans before shutdown()',
};

const REPORT_EVERY_MS = 60_000;

export class Drops {
  readonly counts = new Map<DropCause, number>();
  readonly #what: string;
  readonly #unreported = new Map<DropCause, number>();
  #timer: NodeJS.Timeout | undefined;

  /** @param what in words: `spans`, `logs`. */
  constructor(what: string) {
    this.#what = what;
  }

  add(cause: DropCause, count: number): void {
    if (count <= 0) return;
    this.counts.set(cause, (this.counts.get(cause) ?? 0) + count);
    if (cause === 'exit') return; // Reported by the exit hand-over.
    this.#unreported.set(cause, (this.#unreported.get(cause) ?? 0) + count);
    if (this.#timer !== undefined) return;
    // Drops come in bursts: the first line waits for the burst, so that its number means something.
    this.#timer = setTimeout(() => this.#reportAndPause(), 1000);
    this.#timer.unref();
  }

  /** Reports what has not been reported yet; called when the process ends. */
  report(): void {
    for (const [cause, count] of this.#unreported) {
      warn('SIETCH090', `${counted(count, this.#what)}: ${cause}`, REMEDIES[cause]);
    }
    this.#unreported.clear();
  }

  #reportAndPause(): void {
    this.report();
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      if (this.#unreported.size > 0) this.#reportAndPause();
    }, REPORT_EVERY_MS);
    this.#timer.unref();
  }
}
