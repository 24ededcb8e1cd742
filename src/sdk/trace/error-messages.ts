// Messages of errors are written by the app and its libraries, and hold what the error is about: a card number, an address. The spans that
// instrumentations make go out with the type and the stack of an error, not with its message.
import { SpanStatusCode } from '@opentelemetry/api';
import type { Span, SpanProcessor } from '@opentelemetry/sdk-trace';
import { ATTR_EXCEPTION_MESSAGE, ATTR_EXCEPTION_STACKTRACE } from '@opentelemetry/semantic-conventions';

/** Scopes whose spans are not the app's own work. What an app records on its own spans is its choice. */
const INSTRUMENTATION = /^@(?:opentelemetry\/instrumentation-|fastify\/otel$|sietch\/otel)/;

/** What the pg integration says in the place of a message: the code and its class, by which a failure can be told from another. */
const HARMLESS = /^SQLSTATE [0-9A-Z]{5}(?: [a-z_]+)?$/;

/** Adds to the processors of an SDK, if there are any. Must come before those that export. */
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

/** `Error: message` and perhaps more lines of it, then `    at …` lines: the name and these stay. */
function withoutMessage(stack: string): string {
  const frames = stack.search(/^\s+at /m);
  const name = /^[\w$.]+/.exec(stack)?.[0] ?? 'Error';
  return frames === -1 ? name : `${name}\n${stack.slice(frames)}`;
}
