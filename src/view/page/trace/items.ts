// The items of a trace as the page draws it: spans, the attempts of a job, log records.
import type { ApiLog, ApiSpan } from '../../api.js';

/** Nanoseconds from the start of the trace on. */
export interface Segment {
  readonly from: number;
  readonly to: number;
}

/** Time before a span in which nobody worked for it. */
export interface Wait extends Segment {
  /** `waiting in queue`; the duration is added where it is shown. */
  readonly title: string;
}

/** Moments are nanoseconds from the start of the trace on. */
export interface SpanItem {
  readonly kind: 'span';
  readonly id: string;
  readonly span: ApiSpan;
  readonly start: number;
  readonly end: number;
  /** When the last of what hangs below it ended. */
  lastEnd: number;
  parent: SpanItem | undefined;
  children: Item[];
  readonly logs: LogItem[];
  waits: readonly Wait[];
  /** Parts of its time that the end of the trace waited for. */
  critical: readonly Segment[];
}

/** The attempts of one job. */
export interface AttemptsItem {
  readonly kind: 'attempts';
  readonly id: string;
  readonly title: string;
  readonly service: string;
  readonly failed: boolean;
  readonly start: number;
  readonly end: number;
  readonly children: readonly SpanItem[];
}

export type Item = SpanItem | AttemptsItem;

export interface LogItem {
  readonly log: ApiLog;
  readonly at: number;
}

export function isFailed(item: Item): boolean {
  return item.kind === 'attempts' ? item.failed : item.span.status.code === 'ERROR';
}

/** The text of an attribute, or `''`. */
export function attributeText({ attributes }: Pick<ApiSpan, 'attributes'>, name: string): string {
  const value = attributes[name];
  return value === undefined || value === null ? '' : typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** The number of an attribute, or undefined. */
export function attributeNumber({ attributes }: Pick<ApiSpan, 'attributes'>, name: string): number | undefined {
  const value = Number(attributes[name] ?? Number.NaN);
  return Number.isFinite(value) ? value : undefined;
}
