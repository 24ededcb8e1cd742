// Records an uncaught error with its trace before the process ends: type and stack, never the
// message, which may hold a secret.
import { type Attributes, context, type Span, SpanStatusCode, trace } from '@opentelemetry/api';
import { logs, SeverityNumber } from '@opentelemetry/api-logs';
import { ATTR_ERROR_TYPE, ATTR_EXCEPTION_STACKTRACE, ATTR_EXCEPTION_TYPE } from '@opentelemetry/semantic-conventions';
import { keepTrace } from '../context/trace-recording.js';
import { ATTR_UNCAUGHT_ORIGIN, EVENT_EXCEPTION, SPAN_UNCAUGHT } from '../diagnose/names.js';
import { addHiddenListener } from '../node/hidden-process-listeners.js';
import { areOnSpans } from '../observe/exceptions.js';
import { OTHER } from '../sdk/metrics/overflow.js';
import { endOpenSpans } from '../sdk/recorder/open-spans.js';

const SCOPE = '@sietch/otel';
const MAX_FRAMES = 50;
const MAX_TYPE_LENGTH = 100;

/** Returns what ends the span that such an error left open, for the end of the process. */
export function recordUncaughtErrors(): () => void {
  let endOpen = () => {};
  addHiddenListener('uncaughtExceptionMonitor', (error: unknown, origin: string) => {
    try {
      endOpen = record(error, origin);
    } catch {
      // The error itself is what matters now.
    }
  });
  return () => endOpen();
}

/**
 * Returns what ends the span at the end of the process: with a listener of its own the app may go
 * on, and its span with it.
 */
function record(error: unknown, origin: string): () => void {
  const attributes: Attributes = { ...describe(error), [ATTR_UNCAUGHT_ORIGIN]: origin };
  const active = trace.getActiveSpan();
  const span = active?.isRecording() ? active : trace.getTracer(SCOPE).startSpan(SPAN_UNCAUGHT);
  keepTrace(span.spanContext(), 'uncaught');
  logs.getLogger(SCOPE).emit({
    eventName: EVENT_EXCEPTION,
    severityNumber: SeverityNumber.FATAL,
    severityText: 'FATAL',
    body: 'uncaught error',
    attributes,
    context: trace.setSpan(context.active(), span),
  });
  if (areOnSpans()) span.addEvent(EVENT_EXCEPTION, attributes);
  span.setStatus({ code: SpanStatusCode.ERROR });
  span.setAttribute(ATTR_ERROR_TYPE, String(attributes[ATTR_EXCEPTION_TYPE] ?? OTHER));
  const end = () => endWithTrace(span);
  if (span === active && process.listenerCount('uncaughtException') > 0) return end;
  end();
  return () => {};
}

/** Ends also the spans above it that the flight recorder has: the trace is sent whole. */
function endWithTrace(span: Span): void {
  if (!span.isRecording()) return;
  span.end();
  endOpenSpans(span.spanContext());
}

/** Type and stack, without the message. */
function describe(error: unknown): Attributes {
  if (!(error instanceof Error)) return { [ATTR_EXCEPTION_TYPE]: typeof error };
  const type = (error.name === 'Error' ? error.constructor.name : error.name).slice(0, MAX_TYPE_LENGTH);
  return { [ATTR_EXCEPTION_TYPE]: type, [ATTR_EXCEPTION_STACKTRACE]: `${type}\n${framesOf(error)}` };
}

/**
 * The lines of the stack that name a place; the message stands before them and may itself have
 * lines that look alike.
 */
function framesOf({ message, stack = '' }: Error): string {
  const start = message === '' ? 0 : stack.indexOf(message) + message.length;
  return stack
    .slice(Math.max(start, 0))
    .split('\n')
    .filter((line) => /^ {4}at /.test(line))
    .slice(0, MAX_FRAMES)
    .join('\n');
}
