// What `recordException` makes of what was thrown.
import type { Attributes, Exception } from '@opentelemetry/api';
import { ATTR_EXCEPTION_MESSAGE, ATTR_EXCEPTION_STACKTRACE, ATTR_EXCEPTION_TYPE } from '@opentelemetry/semantic-conventions';

/** Undefined when it has neither type nor message. */
export function exceptionAttributes(exception: Exception): Attributes | undefined {
  if (typeof exception === 'string') return exception === '' ? undefined : { [ATTR_EXCEPTION_MESSAGE]: exception };
  const attributes: Attributes = {};
  const type = exception.code ? exception.code.toString() : exception.name;
  if (type) attributes[ATTR_EXCEPTION_TYPE] = type;
  if (exception.message) attributes[ATTR_EXCEPTION_MESSAGE] = exception.message;
  if (exception.stack) attributes[ATTR_EXCEPTION_STACKTRACE] = exception.stack;
  return type || exception.message ? attributes : undefined;
}
