// Index of the latest log records by trace.

import { BoundedList, type Bounds } from './bounded-list.js';
import { pushTo } from './lists.js';
import type { LogRecord } from './telemetry.js';

export class LogIndex {
  readonly #records: BoundedList<LogRecord>;
  #byTrace = new Map<string, LogRecord[]>();

  constructor(bounds: Bounds) {
    this.#records = new BoundedList(bounds);
  }

  /** In order of arrival. */
  get records(): readonly LogRecord[] {
    return this.#records.items;
  }

  /** Estimated size of the records. */
  get bytes(): number {
    return this.#records.bytes;
  }

  /** Number of records dropped so far: the first of `records` is the one that arrived after them. */
  get dropped(): number {
    return this.#records.dropped;
  }

  ofTrace(traceId: string): readonly LogRecord[] {
    return this.#byTrace.get(traceId) ?? [];
  }

  add(records: readonly LogRecord[]): void {
    const hasDropped = this.#records.add(records);
    if (hasDropped) this.#byTrace = new Map();
    for (const record of hasDropped ? this.records : records) if (record.traceId !== '') pushTo(this.#byTrace, record.traceId, record);
  }
}
