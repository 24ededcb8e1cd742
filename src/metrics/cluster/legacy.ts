// What a leader left: its own counters and histograms, and those of processes that ended before it. Members keep it, and it goes on being counted.
import { emptyResource } from '@opentelemetry/resources';
import { Merge } from './merge.js';
import type { LegacyMessage } from './messages.js';
import { Reporter } from './reporter.js';

export class Legacy {
  #reigns: readonly number[] = [];
  readonly #merge = new Merge();
  readonly #leader = this.#merge.join('legacy');

  /** @throws {TypeError} when the report is not made as this version makes them. */
  tell({ report, reigns }: LegacyMessage): void {
    this.#leader.tell(report);
    this.#reigns = reigns;
  }

  /** To whoever leads now. */
  toMessage(): LegacyMessage {
    return { type: 'legacy', id: 0, reigns: this.#reigns, report: new Reporter().report(this.#merge.toResourceMetrics(emptyResource())) };
  }
}
