// Ids of spans that are not ours: of a remote parent, of a link. They are copied, because OTLP has
// a form for ids and a collector refuses the whole request for one that has another.
import type { SpanContext } from '@opentelemetry/api';
import { joinRecording, recordingOf } from '../../context/trace-recording.js';
import { validTraceState } from '../../context/trace-state.js';

const TRACE_ID = /^[\da-f]{32}$/i;
const SPAN_ID = /^[\da-f]{16}$/i;

/** A copy; undefined for what has no ids. Never throws. */
export function copySpanContext(given: SpanContext | null | undefined): SpanContext | undefined {
  try {
    if (given === undefined || given === null) return undefined;
    const { traceId, spanId, traceFlags, traceState, isRemote } = given;
    if (typeof traceId !== 'string' || !TRACE_ID.test(traceId) || typeof spanId !== 'string' || !SPAN_ID.test(spanId)) return undefined;
    const copy: SpanContext = { traceId: traceId.toLowerCase(), spanId: spanId.toLowerCase(), traceFlags: traceFlags & 0xff };
    const valid = validTraceState(traceState);
    if (valid !== undefined) copy.traceState = valid;
    if (isRemote !== undefined) copy.isRemote = isRemote === true;
    const recording = recordingOf(given);
    if (recording !== undefined) joinRecording(copy, recording);
    return copy;
  } catch {
    return undefined;
  }
}
