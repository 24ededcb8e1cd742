// What a leader left: its own counters and histograms, and those of processes that ended before it. Members keep it, and it goes on being counted.
import { emptyResource } from '@opentelemetry/resources';
import { Merge } from './merge.js';
import type { LegacyMessage } from './messages.js';
import { Reporter } from './reporter.js';

export class Legacy {
  #counted: readonly number[] = [];
  #members: readonly number[] = [];
  readonly #merge = new Merge();
  readonly #leader = this.#merge.join('legacy');

  /** @throws {TypeError} when the report is not made as this version makes them. */
  tell({ report, counted, members }: LegacyMessage): void {
    this.#leader.tell(report);
    this.#counted = counted;
    this.#members = members;
  }

  /** To whoever leads now. */
  toMessage(): LegacyMessage {
    const report = new Reporter().report(this.#merge.toResourceMetrics(emptyResource()));
    return { type: 'legacy', id: 0, counted: this.#counted, members: this.#members, report };
  }
}
