// Removes error messages from the spans of instrumentations; type and stack stay. The app and its
// libraries write these messages, and they hold values: a card number, an address.
import { SpanStatusCode } from '@opentelemetry/api';
import type { Span, SpanProcessor } from '@opentelemetry/sdk-trace';
import { ATTR_EXCEPTION_MESSAGE, ATTR_EXCEPTION_STACKTRACE } from '@opentelemetry/semantic-conventions';

/**
 * Scopes whose spans are not the app's own work; pg-boss makes its own. What an app records on its
 * own spans is its choice.
 */
const INSTRUMENTATION = /^(?:@opentelemetry\/instrumentation-|@fastify\/otel$|@sietch\/otel|pg-boss$)/;

/** The pg integration's replacement of a message: the SQLSTATE code and its class. */
const HARMLESS = /^SQLSTATE [0-9A-Z]{5}(?: [a-z_]+)?$/;

/**
 * Puts the remover before the processors of an SDK, if there are any: those that export come after
 * it.
 */
export function withoutErrorMessages(processors: readonly SpanProcessor[]): SpanProcessor[] {
  return processors.length === 0 ? [] : [new ErrorMessageProcessor(), ...processors];
}

class ErrorMessageProcessor implements SpanProcessor {
  onStart(): void {}

  onEnding(span: Span): void {
    if (span.status.code !== SpanStatusCode.ERROR && span.events.length === 0) return;
    if (!INSTRUMENTATION.test(span.instrumentationScope.name)) return;
    // Setting the status replaces it, message included.
    if (span.status.message !== undefined && !HARMLESS.test(span.status.message)) span.setStatus({ code: span.status.code });
    for (const { attributes } of span.events) {
      if (attributes === undefined) continue;
      const message = attributes[ATTR_EXCEPTION_MESSAGE];
      if (typeof message !== 'string' || !HARMLESS.test(message)) delete attributes[ATTR_EXCEPTION_MESSAGE];
      const stack = attributes[ATTR_EXCEPTION_STACKTRACE];
      if (typeof stack === 'string') attributes[ATTR_EXCEPTION_STACKTRACE] = withoutMessage(stack);
    }
  }

  onEnd(): void {}

  async forceFlush(): Promise<void> {}

  async shutdown(): Promise<void> {}
}

/**
 * `Error: message` and perhaps more lines of it, then `    at …` lines: the name and these stay.
 */
function withoutMessage(stack: string): string {
  const frames = stack.search(/^\s+at /m);
  const name = /^[\w$.]+/.exec(stack)?.[0] ?? 'Error';
  return frames === -1 ? name : `${name}\n${stack.slice(frames)}`;
}
