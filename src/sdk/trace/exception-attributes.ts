// Makes the attributes of an exception event from a thrown value, for `recordException`.
import type { Attributes } from '@opentelemetry/api';
import { ATTR_EXCEPTION_MESSAGE, ATTR_EXCEPTION_STACKTRACE, ATTR_EXCEPTION_TYPE } from '@opentelemetry/semantic-conventions';
import { propertyOf, textOf } from '../../context/api-misuse.js';

/**
 * Undefined when it has neither type nor message. Never throws: an error of the app may when it is
 * looked at.
 */
export function exceptionAttributes(exception: unknown): Attributes | undefined {
  if (typeof exception === 'string') return exception === '' ? undefined : { [ATTR_EXCEPTION_MESSAGE]: exception };
  const code: unknown = propertyOf(exception, 'code');
  const type = typeof code === 'string' || typeof code === 'number' ? String(code || '') : '';
  const name = type || textOf(propertyOf(exception, 'name'));
  const message = textOf(propertyOf(exception, 'message'));
  const stack = textOf(propertyOf(exception, 'stack'));
  if (!name && !message) return undefined;
  return {
    ...(name ? { [ATTR_EXCEPTION_TYPE]: name } : {}),
    ...(message ? { [ATTR_EXCEPTION_MESSAGE]: message } : {}),
    ...(stack ? { [ATTR_EXCEPTION_STACKTRACE]: stack } : {}),
  };
}
