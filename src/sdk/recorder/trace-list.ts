// A list of recorded traces in the order in which they came, whose first one and any other one leave
// at once. The first of a Set is slow to find: its deleted entries are passed over each time.

/** The place of a trace in its list; a trace is in one at a time. */
export interface ListPlace<Item> {
  list: ListOf<Item> | undefined;
  before: Item | undefined;
  after: Item | undefined;
}

/** What a place needs of its list. */
interface ListOf<Item> {
  remove(item: Item): void;
}

export class TraceList<Item extends ListPlace<Item>> {
  first: Item | undefined = undefined;
  size = 0;
  #last: Item | undefined = undefined;

  /** Takes the trace out of the list where it is, and appends it here. */
  append(trace: Item): void {
    trace.list?.remove(trace);
    trace.list = this;
    trace.before = this.#last;
    if (this.#last === undefined) this.first = trace;
    else this.#last.after = trace;
    this.#last = trace;
    this.size++;
  }

  /** The trace must be in this list. */
  remove(trace: Item): void {
    const { before, after } = trace;
    if (before === undefined) this.first = after;
    else before.after = after;
    if (after === undefined) this.#last = before;
    else after.before = before;
    trace.list = undefined;
    trace.before = undefined;
    trace.after = undefined;
    this.size--;
  }
}
