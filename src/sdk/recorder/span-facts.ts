// What the flight recorder reads of a span, and the flag that it sets.
import { type Context, ROOT_CONTEXT, type SpanContext, SpanKind, SpanStatusCode, TraceFlags, trace } from '@opentelemetry/api';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import type { KeepReason } from '../../context/trace-recording.js';
import { RecordedSpan } from '../trace/recorded-span.js';

export function reasonOf(span: ReadableSpan): KeepReason | undefined {
  return span.status.code === SpanStatusCode.ERROR ? 'error' : undefined;
}

/** What comes into the process: its duration is what somebody has waited for. */
export function isEntry({ kind }: ReadableSpan): boolean {
  return kind === SpanKind.SERVER || kind === SpanKind.CONSUMER;
}

/** In milliseconds. */
export function durationOf(span: ReadableSpan): number {
  if (span instanceof RecordedSpan && span.durationMs !== undefined) return span.durationMs;
  const [seconds, nanoseconds] = span.duration;
  return seconds * 1000 + nanoseconds / 1e6;
}

/** A reading of `performance.now()` at the end of a span that ends now, which it has taken itself as a rule. */
export function endOf(span: ReadableSpan): number {
  return (span instanceof RecordedSpan ? span.endedAt : undefined) ?? performance.now();
}

/** The app may have frozen it: then the span is lost, and nothing is thrown. */
export function markSampled(spanContext: SpanContext): void {
  Reflect.set(spanContext, 'traceFlags', spanContext.traceFlags | TraceFlags.SAMPLED);
}

/** Stands for the context that the span was started in, which is not held. */
export function contextAbove({ parentSpanContext }: RecordedSpan): Context {
  return parentSpanContext === undefined ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, parentSpanContext);
}
