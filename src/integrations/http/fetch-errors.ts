// Errors of fetch as upstream's instrumentation can read them. It takes `code` for the type, which
// is a number where a request is aborted (23 for a timeout), and does not expect that an app may
// abort with anything: `abort(null)` would have it throw, and end the process.
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
import { propertyOf, textOf } from '../../context/api-misuse.js';
import { reportLostPort } from '../../sdk/ports.js';

/**
 * To be called before the instrumentation is made. Reports the loss of the method that it replaces.
 */
export function readFetchErrors(): void {
  const { prototype } = UndiciInstrumentation;
  const onError: unknown = Reflect.get(prototype, 'onError');
  if (typeof onError !== 'function') {
    reportLostPort('fetchErrors');
    return;
  }
  Reflect.set(prototype, 'onError', function (this: unknown, message: { readonly error?: unknown }): void {
    Reflect.apply(onError, this, [{ ...message, error: readable(message.error) }]);
  });
}

function readable(error: unknown): object {
  const code = textOf(propertyOf(error, 'code'));
  return {
    ...(code === undefined ? {} : { code }),
    name: textOf(propertyOf(error, 'name')) ?? 'Error',
    message: textOf(error) ?? textOf(propertyOf(error, 'message')) ?? '',
    stack: textOf(propertyOf(error, 'stack')),
  };
}
