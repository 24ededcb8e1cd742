// Index of the latest log records by trace.

import { BoundedList, type Bounds } from './bounded-list.js';
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

  ofTrace(traceId: string): readonly LogRecord[] {
    return this.#byTrace.get(traceId) ?? [];
  }

  add(records: readonly LogRecord[]): void {
    const hasDropped = this.#records.add(records);
    if (hasDropped) this.#byTrace = new Map();
    for (const record of hasDropped ? this.records : records) this.#index(record);
  }

  #index(record: LogRecord): void {
    if (record.traceId === '') return;
    const ofTrace = this.#byTrace.get(record.traceId);
    if (ofTrace === undefined) this.#byTrace.set(record.traceId, [record]);
    else ofTrace.push(record);
  }
}
