// Propagates `x-trace-id` to called services that do not know traceparent, and extracts a
// correlation id.
import {
  type Context,
  isSpanContextValid,
  type TextMapGetter,
  type TextMapPropagator,
  type TextMapSetter,
  trace,
} from '@opentelemetry/api';
import { isTracingSuppressed } from '@opentelemetry/core';
import { readCallerId } from './caller-id.js';
import { contextConfiguration } from './configuration.js';
import { withCorrelationId } from './correlation-id.js';
import { carriesHeader } from './outgoing-headers.js';

/**
 * Injects the trace id; extracts a correlation id. A trace id alone is not extracted: it names no
 * parent, and a made-up one would be a span that nobody has (see id-generator.ts).
 */
export class TraceIdPropagator implements TextMapPropagator {
  #skipNext = false;

  /**
   * The next injection leaves the header out. For a carrier that cannot be asked whether the app
   * has put the header there.
   */
  skipNext(): void {
    this.#skipNext = true;
  }

  inject(ctx: Context, carrier: unknown, setter: TextMapSetter): void {
    const skip = this.#skipNext;
    this.#skipNext = false;
    const { header } = contextConfiguration();
    if (skip || header === undefined || isTracingSuppressed(ctx)) return;
    const spanContext = trace.getSpanContext(ctx);
    if (spanContext === undefined || !isSpanContextValid(spanContext) || carriesHeader(carrier, header)) return;
    setter.set(carrier, header, spanContext.traceId);
  }

  extract(ctx: Context, carrier: unknown, getter: TextMapGetter): Context {
    const { header, accept } = contextConfiguration();
    if (header === undefined || !accept) return ctx;
    const callerId = readCallerId(getter.get(carrier, header));
    return callerId.kind === 'correlation-id' ? withCorrelationId(ctx, callerId.id) : ctx;
  }

  fields(): string[] {
    const { header } = contextConfiguration();
    return header === undefined ? [] : [header];
  }
}
