// The settings of trace context.
import { flag, type SettingsTable, text } from '../config/setting.js';
import { HEADER_TRACE_ID } from './names.js';

/** A header name as RFC 9110 §5.1 allows it. */
const TOKEN = /^[\w!#$%&'*+.^`|~-]{1,64}$/;

export const contextSettings = {
  header: text({
    env: 'SIETCH_OTEL_TRACE_ID_HEADER',
    default: HEADER_TRACE_ID,
    expected: 'a header name, or off',
    accepts: (value) => TOKEN.test(value),
    meaning:
      'Header that takes a trace id in (32 hex characters or a UUID; else up to 128 characters of `A-Za-z0-9_.=-` as correlation id), gives it back in the response and carries it to called services. `off`: none of it.',
  }),
  accept: flag({
    env: 'SIETCH_OTEL_TRACE_ID_ACCEPT',
    default: true,
    meaning: 'Ids in the header are taken over. Off where strangers must not choose them; `traceparent` is a matter of `OTEL_PROPAGATORS`.',
  }),
  respond: flag({
    env: 'SIETCH_OTEL_TRACE_ID_RESPONSE',
    default: true,
    meaning: 'The response carries the trace id of its request, also on errors; a header that the app set itself stays.',
  }),
  expose: flag({
    env: 'SIETCH_OTEL_TRACE_ID_EXPOSE',
    default: false,
    meaning: 'Names the header in `access-control-expose-headers`, so that scripts of other origins can read it.',
  }),
} satisfies SettingsTable;
