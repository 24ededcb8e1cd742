// Puts an error on a span.
import { type Attributes, type Span, SpanStatusCode, type TimeInput } from '@opentelemetry/api';
import type { ErrorFacts } from './database-error.js';
import { ATTR_DB_RESPONSE_STATUS_CODE, ATTR_ERROR_TYPE } from './names.js';

/**
 * SQLSTATE and class as attributes, status and exception event, which is of now if not `at`; the
 * message of the error holds values and is left out.
 */
export function describeError(span: Span, error: ErrorFacts, at?: TimeInput): void {
  span.setAttribute(ATTR_ERROR_TYPE, error.type);
  if (error.sqlState !== undefined) span.setAttribute(ATTR_DB_RESPONSE_STATUS_CODE, error.sqlState);
  const exception: Attributes = { 'exception.type': error.className };
  if (error.description === undefined) span.setStatus({ code: SpanStatusCode.ERROR });
  else {
    span.setStatus({ code: SpanStatusCode.ERROR, message: error.description });
    exception['exception.message'] = error.description;
  }
  span.addEvent('exception', exception, at);
}
