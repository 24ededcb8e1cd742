// The fields that tie a log line to its trace.
import { type Context, context, isSpanContextValid, trace } from '@opentelemetry/api';
import { correlationIdOf } from './correlation-id.js';
import { plannedTraceId } from './id-generator.js';
import { LOG_CORRELATION_ID, LOG_SPAN_ID, LOG_TRACE_FLAGS, LOG_TRACE_ID } from './names.js';

/**
 * Named as by `@opentelemetry/instrumentation-pino`, so that the keys are the same wherever a line
 * comes from.
 */
export interface TraceLogFields {
  [LOG_TRACE_ID]?: string;
  [LOG_SPAN_ID]?: string;
  /** Two hex digits; `01` is sampled. */
  [LOG_TRACE_FLAGS]?: string;
  /** The caller's id, when `x-trace-id` held one that is no trace id. */
  [LOG_CORRELATION_ID]?: string;
}

/**
 * The log fields of the active context; empty outside of a trace. Spread them into the fields of a
 * line: `logger.info({ ...getTraceLogFields(), orderId }, 'paid')`. Not needed with pino under the
 * preload, which adds them itself. Never give them to `logger.child()`: a child outlives the
 * request, and its lines would have the keys twice.
 */
export function getTraceLogFields(): TraceLogFields {
  return traceLogFields(context.active());
}

/** The log fields of `ctx`. */
export function traceLogFields(ctx: Context): TraceLogFields {
  const fields: TraceLogFields = {};
  const spanContext = trace.getSpanContext(ctx);
  if (spanContext !== undefined && isSpanContextValid(spanContext)) {
    fields[LOG_TRACE_ID] = spanContext.traceId;
    fields[LOG_SPAN_ID] = spanContext.spanId;
    fields[LOG_TRACE_FLAGS] = spanContext.traceFlags.toString(16).padStart(2, '0');
  } else {
    const traceId = plannedTraceId(ctx);
    if (traceId !== undefined) fields[LOG_TRACE_ID] = traceId;
  }
  const correlationId = correlationIdOf(ctx);
  if (correlationId !== undefined) fields[LOG_CORRELATION_ID] = correlationId;
  return fields;
}
