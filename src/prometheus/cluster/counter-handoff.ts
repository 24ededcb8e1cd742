// Hands counters of processes that have ended from one leader to the next. The leader sends its
// followers a snapshot of them; the next leader must keep adding it, because those processes will
// not report again.
import { emptyResource } from '@opentelemetry/resources';
import { type MergedProcess, MetricMerge } from './merge.js';
import type { SnapshotMessage } from './messages.js';
import { ReportWriter } from './report-writer.js';

/** Numbers that are remembered: processes that ended longer ago do not come back. */
const MAX_COUNTED = 1_000;

/** The latest snapshot of its leader, as a follower keeps it. */
export class CounterSnapshot {
  #counted: readonly number[] = [];
  #followers: readonly number[] = [];
  readonly #merge = new MetricMerge();
  readonly #leader = this.#merge.add('snapshot');

  /** @throws {TypeError} when the report is not made as this version makes them. */
  update({ report, counted, followers }: SnapshotMessage): void {
    this.#leader.apply(report);
    this.#counted = counted;
    this.#followers = followers;
  }

  toMessage(): SnapshotMessage {
    const report = new ReportWriter().write(this.#merge.toResourceMetrics(emptyResource()));
    return { type: 'snapshot', id: 0, counted: this.#counted, followers: this.#followers, report };
  }
}

interface AppliedSnapshot {
  readonly counted: ReadonlySet<number>;
  readonly process: MergedProcess;
}

/** What goes into the snapshot of a leader, and of which processes it is. */
export class CounterHandoff {
  readonly #merge: MetricMerge;
  /**
   * Numbers of the leader itself, of processes that ended or sent their last report, and of those
   * in applied snapshots.
   */
  readonly #counted = new Set<number>();
  readonly #applied: AppliedSnapshot[] = [];
  /** Processes that are still in the merge, and whose counts go into the snapshot. */
  readonly included = new Set<MergedProcess>();

  constructor(merge: MetricMerge) {
    this.#merge = merge;
  }

  get counted(): number[] {
    return [...this.#counted];
  }

  has(number: number | undefined): boolean {
    return number !== undefined && this.#counted.has(number);
  }

  add(number: number | undefined): void {
    if (number === undefined) return;
    this.#counted.add(number);
    const [oldest] = this.#counted;
    if (this.#counted.size > MAX_COUNTED && oldest !== undefined) this.#counted.delete(oldest);
  }

  /**
   * Counts each process of a snapshot once. A snapshot that has all processes of an applied one
   * replaces it: the follower that brought the other had an earlier one.
   */
  apply({ counted, report }: SnapshotMessage): void {
    const older = this.#applied.filter((snapshot) => [...snapshot.counted].every((number) => counted.includes(number)));
    const replaced = new Set(older.flatMap((snapshot) => [...snapshot.counted]));
    const isKnown = counted.every((number) => this.#counted.has(number));
    if (isKnown || counted.some((number) => this.#counted.has(number) && !replaced.has(number))) return;
    for (const snapshot of older) this.#remove(snapshot);
    for (const number of counted) this.add(number);
    const process = this.#merge.add('snapshot');
    this.#applied.push({ counted: new Set(counted), process });
    this.included.add(process);
    process.apply(report);
  }

  #remove(snapshot: AppliedSnapshot): void {
    this.#applied.splice(this.#applied.indexOf(snapshot), 1);
    this.included.delete(snapshot.process);
    snapshot.process.retire(false);
  }
}
