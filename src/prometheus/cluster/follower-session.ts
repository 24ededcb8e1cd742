// A follower as its leader sees it: the link to it, its part in the merge, and the report that is
// requested from it.
import type { Link } from './link.js';
import type { MergedProcess } from './merge.js';
import { ReportWriter } from './report-writer.js';

export class FollowerSession {
  readonly link: Link;
  readonly process: MergedProcess;
  /** The random number of the process, under PM2. */
  readonly number: number | undefined;
  /** Writes the snapshots that it gets. */
  readonly snapshots = new ReportWriter();
  #nextId = 1;
  /**
   * Id of the request it has not answered yet. Meanwhile no other is sent: they must not pile up
   * for a stopped process.
   */
  #requested: number | undefined;
  #answered: (() => void) | undefined;

  constructor(link: Link, process: MergedProcess, number: number | undefined) {
    this.link = link;
    this.process = process;
    this.number = number;
  }

  get label(): string {
    return this.process.label;
  }

  /**
   * Resolves when the report has come, or the link is closed; at once while an earlier request is
   * open.
   */
  requestReport(deadlineMs: number): Promise<void> | undefined {
    if (this.#requested !== undefined) return undefined;
    const id = this.#nextId++;
    this.#requested = id;
    void this.link.send({ type: 'collect', id, deadlineMs });
    return new Promise((resolve) => {
      this.#answered = resolve;
    });
  }

  /** A report of this id has come. */
  countAnswer(id: number): void {
    if (id === this.#requested) this.stopWaiting();
  }

  stopWaiting(): void {
    this.#requested = undefined;
    this.#answered?.();
  }
}
