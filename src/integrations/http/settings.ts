// The settings of the http integration.
import { flag, list, type SettingsTable } from '../../config/setting.js';

const headerList = (env: string, meaning: string) => list({ env, default: [], meaning });

export const httpSettings = {
  ignorePaths: list({
    env: 'SIETCH_OTEL_HTTP_IGNORE_PATHS',
    changesAtRuntime: true,
    default: [],
    meaning: 'Paths of incoming requests that make no spans and no metrics: `/healthz,/static/*`. `*` at the end takes all that begins so.',
  }),
  middlewareSpans: flag({
    env: 'SIETCH_OTEL_HTTP_MIDDLEWARE_SPANS',
    default: false,
    meaning:
      'A span for each middleware, router and handler of Express, for each hook and handler of Fastify (needs `@fastify/otel`), and for each handler of NestJS.',
  }),
  queryValues: list({
    env: 'SIETCH_OTEL_HTTP_QUERY_VALUES',
    default: [],
    meaning: 'Query parameters whose values are kept in `url.full` and `url.query`; the values of all others are replaced by `REDACTED`.',
  }),
  keepHeader: flag({
    env: 'SIETCH_OTEL_KEEP_HEADER',
    default: false,
    meaning: 'A request with `x-trace-keep: 1` has its trace kept by the flight recorder. Off, since anybody could send it.',
  }),
  bodySizes: flag({
    env: 'SIETCH_OTEL_HTTP_BODY_SIZES',
    default: false,
    meaning: 'Metrics of the sizes of request and response bodies of servers.',
  }),
  serverRequestHeaders: headerList(
    'OTEL_INSTRUMENTATION_HTTP_SERVER_CAPTURE_REQUEST_HEADERS',
    'Headers of incoming requests that become attributes of the span (the name is that of OpenTelemetry for Java).',
  ),
  serverResponseHeaders: headerList(
    'OTEL_INSTRUMENTATION_HTTP_SERVER_CAPTURE_RESPONSE_HEADERS',
    'Headers of responses given that become attributes of the span.',
  ),
  clientRequestHeaders: headerList(
    'OTEL_INSTRUMENTATION_HTTP_CLIENT_CAPTURE_REQUEST_HEADERS',
    'Headers of outgoing requests that become attributes of the span.',
  ),
  clientResponseHeaders: headerList(
    'OTEL_INSTRUMENTATION_HTTP_CLIENT_CAPTURE_RESPONSE_HEADERS',
    'Headers of responses received that become attributes of the span.',
  ),
} satisfies SettingsTable;
