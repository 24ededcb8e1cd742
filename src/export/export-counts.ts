// Counts of a processor's queue and its exporter as the semantic conventions have them
// (otel.sdk.processor.*, otel.sdk.exporter.*): each item once, by the outcome of its last attempt.
import type { DropCause } from './drops.js';
import type { SendResult } from './sender.js';

/** A finished export, with its retries and the pauses between them. */
export interface ExportOperation {
  readonly seconds: number;
  /** Undefined for a full success. */
  readonly errorType: string | undefined;
  readonly httpStatus: number | undefined;
}

/** `error.type` of items that a processor did not take. */
const ERROR_TYPES: Readonly<Partial<Record<DropCause, string>>> = { shut_down: 'already_shutdown' };
/** `error.type` of items that the collector has rejected (partial success). */
const REJECTED = 'rejected';
const UNENCODABLE = 'unencodable';
/** Different reasons of failures; further ones are counted as one. */
const MAX_ERROR_TYPES = 20;

export class ExportCounts {
  /** Items that were passed to the exporter. */
  processed = 0;
  /** Items that were not, by `error.type`. */
  readonly unprocessed = new Map<string, number>();
  /** Items that the collector has accepted; of metrics the data points. */
  exported = 0;
  /** Items that it has not, by `error.type`. */
  readonly failed = new Map<string, number>();
  /** Called for each finished export. */
  onOperation: ((operation: ExportOperation) => void) | undefined;

  refuse(cause: DropCause): void {
    increase(this.unprocessed, ERROR_TYPES[cause] ?? cause, 1);
  }

  /** @param items of which each was counted once as processed */
  settle(items: number, seconds: number, result: Exclude<SendResult, { status: 'retry' }>): void {
    const httpStatus = statusOf(result);
    if (result.status === 'failed') {
      const errorType = result.cause ?? (httpStatus === undefined ? result.reason : String(httpStatus));
      increase(this.failed, errorType, items);
      this.onOperation?.({ seconds, errorType, httpStatus });
      return;
    }
    const { partial, unencodable = 0 } = result;
    const rejected = Math.min(partial?.rejected ?? 0, items - unencodable);
    this.exported += items - unencodable - rejected;
    increase(this.failed, UNENCODABLE, unencodable);
    increase(this.failed, REJECTED, rejected);
    const errorType = rejected > 0 ? REJECTED : unencodable > 0 ? UNENCODABLE : undefined;
    this.onOperation?.({ seconds, errorType, httpStatus });
  }
}

function increase(counts: Map<string, number>, key: string, by: number): void {
  if (by <= 0) return;
  const known = counts.has(key) || counts.size < MAX_ERROR_TYPES ? key : '_OTHER';
  counts.set(known, (counts.get(known) ?? 0) + by);
}

function statusOf(result: SendResult): number | undefined {
  const [, digits] = result.status === 'failed' ? (/^HTTP (\d{3})$/.exec(result.reason) ?? []) : [];
  return digits === undefined ? undefined : Number(digits);
}
