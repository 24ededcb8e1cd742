// Propagates the trace in `traceparent` and `tracestate` (W3C Trace Context level 2). OpenTelemetry's
// own (core 2.12) writes flags that no receiver can read for flags above 15, and passes on a
// `tracestate` that breaks the rules.
import {
  type Context,
  isSpanContextValid,
  type TextMapGetter,
  type TextMapPropagator,
  type TextMapSetter,
  trace,
} from '@opentelemetry/api';
import { isTracingSuppressed } from '@opentelemetry/core';
import { parseTraceState, validTraceState } from './trace-state.js';
import { parseTraceparent, writeTraceparent } from './traceparent.js';

const TRACEPARENT = 'traceparent';
const TRACESTATE = 'tracestate';

export class TraceContextPropagator implements TextMapPropagator {
  inject(ctx: Context, carrier: unknown, setter: TextMapSetter): void {
    const spanContext = trace.getSpanContext(ctx);
    if (spanContext === undefined || !isSpanContextValid(spanContext) || isTracingSuppressed(ctx)) return;
    setter.set(carrier, TRACEPARENT, writeTraceparent(spanContext));
    const traceState = validTraceState(spanContext.traceState)?.serialize();
    if (traceState) setter.set(carrier, TRACESTATE, traceState);
  }

  extract(ctx: Context, carrier: unknown, getter: TextMapGetter): Context {
    const spanContext = parentOf(getter.get(carrier, TRACEPARENT));
    if (spanContext === undefined) return ctx;
    const header = getter.get(carrier, TRACESTATE);
    const traceState = header === undefined ? undefined : parseTraceState(typeof header === 'string' ? header : header.join(','));
    if (traceState !== undefined) spanContext.traceState = traceState;
    return trace.setSpanContext(ctx, spanContext);
  }

  fields(): string[] {
    return [TRACEPARENT, TRACESTATE];
  }
}

/** Two headers name no parent, as Node's `…, …` of them does not. */
function parentOf(given: string | string[] | undefined): ReturnType<typeof parseTraceparent> {
  const header = typeof given === 'object' && given.length === 1 ? given[0] : given;
  return typeof header === 'string' ? parseTraceparent(header) : undefined;
}
