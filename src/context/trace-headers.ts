// The headers that carry the trace to another service, for clients that are not instrumented (http
// and fetch are).
import { type Context, context, type TextMapSetter } from '@opentelemetry/api';
import { isList, reportMisuse } from './api-misuse.js';
import { contextConfiguration } from './configuration.js';
import { hasTracerProvider } from './context-manager.js';
import { plannedTraceId } from './id-generator.js';
import { activePropagator, baggagePropagator, traceIdPropagator } from './incoming.js';
import { carriesHeader, type OutgoingHeaders, setHeader } from './outgoing-headers.js';

/**
 * Writes the trace headers of the active context into `headers` and returns it: `traceparent`,
 * `x-trace-id`, and `baggage` where there is any. Outside of a trace nothing is written, and an
 * `x-trace-id` that is there stays. Ids that were made up here because no SDK runs go out as
 * `x-trace-id` alone: a `traceparent` of a span that nobody records would have called services
 * record nothing either, or a child without its parent. A caller's `traceparent` is passed on.
 * @param headers a plain object, `Headers`, or a request (`setHeader`); a new object when left out
 * @throws {TypeError} when `headers` is none of these
 */
export function injectTraceHeaders(headers?: undefined): Record<string, string>;
export function injectTraceHeaders<T extends OutgoingHeaders>(headers: T): T;
export function injectTraceHeaders(headers: OutgoingHeaders = {}): OutgoingHeaders {
  if (typeof headers !== 'object' || headers === null || isList(headers)) {
    throw new TypeError(`Expected \`headers\` to be an object, Headers or a request, got ${describe(headers)}`);
  }
  try {
    inject(context.active(), headers);
  } catch {
    reportMisuse('injectTraceHeaders', 'the headers throw when they are written to');
  }
  return headers;
}

/** The trace headers of the active context as a new plain object; empty outside of a trace. */
export function getTraceHeaders(): Record<string, string> {
  const headers: Record<string, string> = {};
  try {
    inject(context.active(), headers);
  } catch {
    reportMisuse('injectTraceHeaders', 'the headers throw when they are written to');
  }
  return headers;
}

function inject(ctx: Context, carrier: OutgoingHeaders): void {
  const traceId = plannedTraceId(ctx);
  const madeUpHere = traceId !== undefined && !hasTracerProvider();
  (madeUpHere ? baggagePropagator : activePropagator()).inject(ctx, carrier, headerSetter);
  traceIdPropagator.inject(ctx, carrier, headerSetter);
  const { header } = contextConfiguration();
  // A trace that waits for its first span: its id is known, a parent is not.
  if (traceId !== undefined && !madeUpHere && header !== undefined && !carriesHeader(carrier, header)) setHeader(carrier, header, traceId);
}

const headerSetter: TextMapSetter<OutgoingHeaders> = { set: setHeader };

function describe(value: unknown): string {
  if (typeof value === 'function' || value === null) return value === null ? 'null' : 'a function';
  return typeof value === 'object' ? 'an array' : `\`${String(value)}\` (${typeof value})`;
}
