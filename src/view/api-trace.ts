// What the API says of a trace, its spans and its log records.

import type { ApiLog, ApiSpan, TraceSummary } from './api.js';
import type { IndexedTrace } from './indexed-trace.js';
import type { LogRecord, Span } from './telemetry.js';

export function summaryOf(trace: IndexedTrace, logCount: number): TraceSummary {
  const { root, keepReason, services } = trace;
  return {
    traceId: trace.traceId,
    name: root?.name ?? '',
    service: root?.service ?? '',
    services: [...services],
    route: trace.route,
    startTimeUnixNano: trace.startTimeUnixNano.toString(),
    durationMs: milliseconds(trace.endTimeUnixNano - trace.startTimeUnixNano),
    spanCount: trace.spans.length,
    logCount,
    errorCount: trace.errorCount,
    ...(keepReason === undefined ? {} : { keepReason }),
    ...(trace.isIncomplete ? { incomplete: true as const } : {}),
  };
}

export function milliseconds(nanoseconds: bigint): number {
  return Number(nanoseconds) / 1e6;
}

export function apiSpan(span: Span): ApiSpan {
  return {
    ...span,
    startTimeUnixNano: span.startTimeUnixNano.toString(),
    endTimeUnixNano: span.endTimeUnixNano.toString(),
    events: span.events.map((event) => ({ ...event, timeUnixNano: event.timeUnixNano.toString() })),
  };
}

/** @param id number of its arrival; 0 where nobody asks for it */
export function apiLog(record: LogRecord, id: number): ApiLog {
  return {
    ...record,
    id,
    timeUnixNano: record.timeUnixNano.toString(),
    observedTimeUnixNano: record.observedTimeUnixNano.toString(),
  };
}

/** The same, the other way: for text that is drawn of an answer of the API. */
export function spanOf(span: ApiSpan): Span {
  return {
    ...span,
    startTimeUnixNano: BigInt(span.startTimeUnixNano),
    endTimeUnixNano: BigInt(span.endTimeUnixNano),
    events: span.events.map((event) => ({ ...event, timeUnixNano: BigInt(event.timeUnixNano) })),
  };
}

export function logOf({ id: _, ...record }: ApiLog): LogRecord {
  return { ...record, timeUnixNano: BigInt(record.timeUnixNano), observedTimeUnixNano: BigInt(record.observedTimeUnixNano) };
}
