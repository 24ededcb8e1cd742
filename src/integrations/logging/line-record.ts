// Sends the lines of loggers as OpenTelemetry log records, in the shape that
// @opentelemetry/instrumentation-pino gives those of pino.
import type { Context } from '@opentelemetry/api';
import type { Logger, LogRecord, SeverityNumber } from '@opentelemetry/api-logs';
import { LOG_SPAN_ID, LOG_TRACE_FLAGS, LOG_TRACE_ID } from '../../context/names.js';
import { loggedFields, loggedValue } from './logged-value.js';

/** A line as its logger shows it to us. */
export interface Line {
  readonly severityNumber: SeverityNumber;
  /** The logger's own word for the level. */
  readonly severityText: string | undefined;
  readonly body: unknown;
  /** Its other fields; those of the trace are left out, since a log record has them elsewhere. */
  readonly fields: object;
  /** Keys of `fields` that are no attributes, besides. */
  readonly left: ReadonlySet<string>;
  readonly exception?: unknown;
  /** Milliseconds since 1970; now, where it is not known. */
  readonly timestamp?: number | undefined;
  readonly context: Context;
}

/** The key by which loggers that have no events name one; as upstream. */
const EVENT_NAME = 'otel.event.name';

let isSending = false;
let isPrinting = false;

/**
 * Never throws. A line that is written while another one is sent, by an exporter or a processor of
 * the app, is not sent: it would have no end.
 */
export function sendLine(logger: Logger, line: Line): void {
  if (isSending) return;
  isSending = true;
  try {
    logger.emit(recordOf(line));
  } catch {
    // The line is written all the same.
  } finally {
    isSending = false;
  }
}

/**
 * Runs what prints a line that is sent by itself: if it is printed by `console`, that is no line of
 * its own.
 */
export function whilePrinting<Result>(run: () => Result): Result {
  const before = isPrinting;
  isPrinting = true;
  try {
    return run();
  } finally {
    isPrinting = before;
  }
}

/**
 * Whether what `console` gets now is the line of another logger, or about one that is being sent.
 */
export function isLineOfAnother(): boolean {
  return isPrinting || isSending;
}

function recordOf({ severityNumber, severityText, body, fields, left, exception, timestamp, context }: Line): LogRecord {
  const {
    [EVENT_NAME]: eventName,
    [LOG_TRACE_ID]: _id,
    [LOG_SPAN_ID]: _span,
    [LOG_TRACE_FLAGS]: _flags,
    ...attributes
  } = loggedFields(fields, left);
  const time = timestamp ?? Date.now();
  return {
    // Milliseconds below the age of the process would be taken for performance.now().
    timestamp: new Date(time),
    observedTimestamp: new Date(time),
    severityNumber,
    ...(severityText === undefined ? {} : { severityText }),
    body: loggedValue(body),
    attributes,
    ...(typeof eventName === 'string' ? { eventName } : {}),
    ...(exception === undefined ? {} : { exception }),
    context,
  };
}
