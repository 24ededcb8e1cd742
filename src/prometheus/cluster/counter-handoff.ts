// What whoever answers next must go on counting, because nobody will tell it again, and of which processes it is.
import type { Merge, MergePeer } from './merge.js';
import type { LegacyMessage } from './messages.js';

/** Numbers that are remembered: processes that ended longer ago do not come back. */
const MAX_COUNTED = 1_000;

/** What was inherited, and of whom it is. */
interface Estate {
  readonly counted: ReadonlySet<number>;
  readonly peer: MergePeer;
}

export class Inheritance {
  readonly #merge: Merge;
  /** Numbers of the leader itself, of processes that ended or said that they do, and of all that are in a legacy taken over. */
  readonly #counted = new Set<number>();
  readonly #estates: Estate[] = [];
  /** Those of them that are still in the merge. */
  readonly ending = new Set<MergePeer>();

  constructor(merge: Merge) {
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

  /** Counts a legacy, each process in it once. One that also has what another has takes its place: whoever brought that had heard less. */
  take({ counted, report }: LegacyMessage): void {
    const older = this.#estates.filter((estate) => [...estate.counted].every((number) => counted.includes(number)));
    const replaced = new Set(older.flatMap((estate) => [...estate.counted]));
    const isKnown = counted.every((number) => this.#counted.has(number));
    if (isKnown || counted.some((number) => this.#counted.has(number) && !replaced.has(number))) return;
    for (const estate of older) this.#drop(estate);
    for (const number of counted) this.add(number);
    const peer = this.#merge.join('legacy');
    this.#estates.push({ counted: new Set(counted), peer });
    this.ending.add(peer);
    peer.tell(report);
  }

  #drop(estate: Estate): void {
    this.#estates.splice(this.#estates.indexOf(estate), 1);
    this.ending.delete(estate.peer);
    estate.peer.leave(false);
  }
}
