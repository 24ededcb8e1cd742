// Summarizes a trace for lists.

import type { Span } from './telemetry.js';
import type { Trace } from './trace-store.js';

export interface TraceSummary {
  traceId: string;
  /** Name and service of the span that began it, as far as has arrived. */
  name: string;
  service: string;
  /** All services of the trace, in the order in which they joined it. */
  services: string[];
  startTimeUnixNano: bigint;
  durationNanos: bigint;
  spanCount: number;
  errorCount: number;
  logCount: number;
}

/** @param trace one with at least one span, its spans by start */
export function summarize(trace: Trace): TraceSummary {
  const { start, duration } = extentOf(trace.spans);
  const root = trace.spans.find((span) => span.parentSpanId === '') ?? trace.spans[0];
  return {
    traceId: trace.traceId,
    name: root?.name ?? '',
    service: root?.service ?? '',
    services: [...new Set(trace.spans.map((span) => span.service))],
    startTimeUnixNano: start,
    durationNanos: duration,
    spanCount: trace.spans.length,
    errorCount: trace.spans.filter((span) => span.status.code === 'ERROR').length,
    logCount: trace.logs.length,
  };
}

/** The time from the first start to the last end. */
export function extentOf(spans: readonly Span[]): { start: bigint; duration: bigint } {
  let start = spans[0]?.startTimeUnixNano ?? 0n;
  let end = start;
  for (const span of spans) {
    if (span.startTimeUnixNano < start) start = span.startTimeUnixNano;
    if (span.endTimeUnixNano > end) end = span.endTimeUnixNano;
  }
  return { start, duration: end - start };
}
