// The span processor that sets the correlation id on SERVER and CONSUMER spans; the other spans of
// the trace are found through them.
import { type Context, SpanKind } from '@opentelemetry/api';
import type { Span, SpanProcessor } from '@opentelemetry/sdk-trace';
import { correlationIdOf } from './correlation-id.js';
import { ATTR_CORRELATION_ID } from './names.js';

/** Adds to the processors of an SDK, if there are any: without one nothing is recorded. */
export function withCorrelationIds(processors: readonly SpanProcessor[]): SpanProcessor[] {
  return processors.length === 0 ? [] : [new CorrelationProcessor(), ...processors];
}

class CorrelationProcessor implements SpanProcessor {
  onStart(span: Span, parentContext: Context): void {
    if (span.kind !== SpanKind.SERVER && span.kind !== SpanKind.CONSUMER) return;
    const id = correlationIdOf(parentContext);
    if (id !== undefined) span.setAttribute(ATTR_CORRELATION_ID, id);
  }

  onEnd(): void {}

  async forceFlush(): Promise<void> {}

  async shutdown(): Promise<void> {}
}
