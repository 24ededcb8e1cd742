// Exceptions that end an operation: events of its span, and by
// `OTEL_SEMCONV_EXCEPTION_SIGNAL_OPT_IN` log records in their place (`logs`) or besides
// (`logs/dup`). https://opentelemetry.io/docs/specs/semconv/exceptions/exceptions-logs/
import { type Attributes, context, type Span, trace } from '@opentelemetry/api';
import { logs, SeverityNumber } from '@opentelemetry/api-logs';
import { environment } from '../config/environment.js';
import { DISTRO_NAME } from '../sdk/version.js';

export const EVENT_EXCEPTION = 'exception';
export const EVENT_SEND_EXCEPTION = 'messaging.send.exception';
export const EVENT_PROCESS_EXCEPTION = 'messaging.process.exception';
export const EVENT_SERVER_EXCEPTION = 'http.server.request.exception';

/** The conventions' severity of each: that of what the app is expected to handle is lower. */
const SEVERITIES = {
  [EVENT_SEND_EXCEPTION]: SeverityNumber.WARN,
  [EVENT_PROCESS_EXCEPTION]: SeverityNumber.ERROR,
  [EVENT_SERVER_EXCEPTION]: SeverityNumber.ERROR,
} as const;

/** Read each time: exceptions are rare, and copies of this file are in the libraries too. */
const optIn = () => environment()['OTEL_SEMCONV_EXCEPTION_SIGNAL_OPT_IN']?.trim().toLowerCase();

/** Whether spans have exceptions as events. */
export function areOnSpans(): boolean {
  return optIn() !== 'logs';
}

type ExceptionEvent = keyof typeof SEVERITIES;

/** @param attributes `exception.*`, without values of the app */
export function recordException(span: Span, event: ExceptionEvent, attributes: Attributes): void {
  if (areOnSpans()) span.addEvent(EVENT_EXCEPTION, attributes);
  logException(span, event, attributes);
}

/** Never throws. Does nothing where exceptions are events of spans alone. */
export function logException(span: Span, event: ExceptionEvent, attributes: Attributes): void {
  if (optIn() !== 'logs' && optIn() !== 'logs/dup') return;
  const severityNumber = SEVERITIES[event];
  try {
    logs.getLogger(DISTRO_NAME).emit({
      eventName: event,
      severityNumber,
      severityText: severityNumber === SeverityNumber.WARN ? 'WARN' : 'ERROR',
      attributes,
      context: trace.setSpan(context.active(), span),
    });
  } catch {
    // A log exporter that throws must not fail what has failed already.
  }
}
