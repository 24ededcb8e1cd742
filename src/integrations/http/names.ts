// Every name that the http integration emits. They are those of the semantic conventions, and
// upstream's instrumentations write them.
import {
  ATTR_CLIENT_ADDRESS,
  ATTR_CODE_FUNCTION_NAME,
  ATTR_ERROR_TYPE,
  ATTR_HTTP_REQUEST_METHOD,
  ATTR_HTTP_RESPONSE_STATUS_CODE,
  ATTR_HTTP_ROUTE,
  ATTR_NETWORK_PEER_ADDRESS,
  ATTR_NETWORK_PEER_PORT,
  ATTR_NETWORK_PROTOCOL_VERSION,
  ATTR_SERVER_ADDRESS,
  ATTR_SERVER_PORT,
  ATTR_URL_FULL,
  ATTR_URL_PATH,
  ATTR_URL_QUERY,
  ATTR_URL_SCHEME,
  ATTR_USER_AGENT_ORIGINAL,
  METRIC_HTTP_CLIENT_REQUEST_DURATION,
  METRIC_HTTP_SERVER_REQUEST_DURATION,
} from '@opentelemetry/semantic-conventions';
import type { EmittedName } from '../../config/emitted-name.js';
import { defineMetric } from '../../config/metric.js';
import { EVENT_SERVER_EXCEPTION } from '../../observe/exceptions.js';
import { SECONDS_BUCKETS } from '../../sdk/metrics/buckets.js';

/** The value of `http.request.method` for one that is not known. */
export const OTHER_METHOD = '_OTHER';

/** A method in the name of a span. @param method as in `http.request.method` */
export const methodInName = (method: unknown): string => (method === OTHER_METHOD ? 'HTTP' : String(method));

/** The names of upstream's instrumentation-nestjs-core. */
export const ATTR_NEST_TYPE = 'nestjs.type';
export const ATTR_NEST_CONTROLLER = 'nestjs.controller';
export const ATTR_NEST_CALLBACK = 'nestjs.callback';

export const METRIC_SERVER_DURATION = defineMetric({
  name: METRIC_HTTP_SERVER_REQUEST_DURATION,
  instrument: 'histogram',
  unit: 's',
  buckets: SECONDS_BUCKETS,
  attributes: [
    ATTR_HTTP_REQUEST_METHOD,
    ATTR_HTTP_ROUTE,
    ATTR_HTTP_RESPONSE_STATUS_CODE,
    ATTR_URL_SCHEME,
    ATTR_NETWORK_PROTOCOL_VERSION,
    ATTR_ERROR_TYPE,
  ],
  // The description is upstream's: its instrumentation, which observes outgoing requests, makes
  // this instrument too, and the SDK warns of two descriptions at every start.
  meaning: 'Duration of HTTP server requests.',
});

export const METRIC_UNTOLD_CALLERS = defineMetric({
  name: 'sietch.recorder.untold_callers',
  instrument: 'counter',
  unit: '{trace}',
  attributes: [],
  meaning:
    "Traces that were kept after the answer to their caller had gone out: its half is missing, unless it has heard so by a queue's Redis.",
});

export const METRIC_ACTIVE_REQUESTS = defineMetric({
  name: 'http.server.active_requests',
  instrument: 'observable up-down counter',
  unit: '{request}',
  attributes: [ATTR_HTTP_REQUEST_METHOD, ATTR_URL_SCHEME],
  meaning: 'Incoming requests whose response has not been sent.',
});

/** From one packet to an upload. */
const BYTES_BUCKETS = [128, 512, 1_024, 4_096, 16_384, 65_536, 262_144, 1_048_576, 4_194_304, 16_777_216, 67_108_864];

export const METRIC_REQUEST_BODY_SIZE = defineMetric({
  name: 'http.server.request.body.size',
  instrument: 'histogram',
  unit: 'By',
  buckets: BYTES_BUCKETS,
  attributes: METRIC_SERVER_DURATION.attributes,
  meaning: 'Size of the bodies of incoming requests as transferred, where there is one, with `SIETCH_OTEL_HTTP_BODY_SIZES=on`.',
});

export const METRIC_RESPONSE_BODY_SIZE = defineMetric({
  name: 'http.server.response.body.size',
  instrument: 'histogram',
  unit: 'By',
  buckets: BYTES_BUCKETS,
  attributes: METRIC_SERVER_DURATION.attributes,
  meaning: 'The same for the responses given.',
});

export const httpNames: readonly EmittedName[] = [
  {
    type: 'span',
    name: '{method} {route}',
    kind: 'SERVER',
    meaning:
      'An incoming request, until its response has been sent; the method alone where no route is known, `HTTP` for a method that is not a known one.',
  },
  { type: 'span', name: '{method}', kind: 'CLIENT', meaning: 'An outgoing request by `http`, `https`, `fetch` or undici.' },
  {
    type: 'span',
    name: '{controller}.{handler}',
    kind: 'INTERNAL',
    meaning: 'A handler of NestJS with its guards, pipes and interceptors, with `SIETCH_OTEL_HTTP_MIDDLEWARE_SPANS=on`.',
  },
  METRIC_SERVER_DURATION,
  METRIC_ACTIVE_REQUESTS,
  METRIC_REQUEST_BODY_SIZE,
  METRIC_RESPONSE_BODY_SIZE,
  {
    type: 'metric',
    name: METRIC_HTTP_CLIENT_REQUEST_DURATION,
    instrument: 'histogram',
    unit: 's',
    attributes: [
      ATTR_HTTP_REQUEST_METHOD,
      ATTR_HTTP_RESPONSE_STATUS_CODE,
      ATTR_SERVER_ADDRESS,
      ATTR_SERVER_PORT,
      ATTR_URL_SCHEME,
      ATTR_NETWORK_PROTOCOL_VERSION,
      ATTR_ERROR_TYPE,
    ],
    meaning: 'Time of outgoing requests; those of the exporters are not among them.',
  },
  {
    type: 'event',
    name: EVENT_SERVER_EXCEPTION,
    meaning: 'Log record (error) of what a handler threw, with `OTEL_SEMCONV_EXCEPTION_SIGNAL_OPT_IN`: `exception.type` only.',
  },
  { type: 'attribute', name: ATTR_HTTP_REQUEST_METHOD, meaning: 'Method; `_OTHER` when it is not a known one.' },
  { type: 'attribute', name: ATTR_HTTP_ROUTE, meaning: 'Route as written in the code of the web framework: `/orders/:id`.' },
  {
    type: 'attribute',
    name: ATTR_CODE_FUNCTION_NAME,
    meaning: 'Controller and handler of NestJS: `OrdersController.find`, on the span of the request and on that of the handler.',
  },
  { type: 'attribute', name: ATTR_NEST_TYPE, meaning: '`request_context`: on the span of a handler of NestJS, as upstream has it.' },
  { type: 'attribute', name: ATTR_NEST_CONTROLLER, meaning: 'Class of the controller, on the span of a handler of NestJS.' },
  { type: 'attribute', name: ATTR_NEST_CALLBACK, meaning: 'Method of the controller, on the span of a handler of NestJS.' },
  { type: 'attribute', name: ATTR_HTTP_RESPONSE_STATUS_CODE, meaning: 'Status of the response.' },
  { type: 'attribute', name: ATTR_URL_SCHEME, meaning: '`http` or `https`.' },
  { type: 'attribute', name: ATTR_URL_PATH, meaning: 'Path of the request, without its query.' },
  {
    type: 'attribute',
    name: ATTR_URL_QUERY,
    meaning: 'Names of the query parameters; values are `REDACTED`, see `SIETCH_OTEL_HTTP_QUERY_VALUES`.',
  },
  {
    type: 'attribute',
    name: ATTR_URL_FULL,
    meaning: 'URL of an outgoing request, its query redacted in the same way, without credentials.',
  },
  { type: 'attribute', name: ATTR_SERVER_ADDRESS, meaning: 'Host that was asked for.' },
  { type: 'attribute', name: ATTR_SERVER_PORT, meaning: 'Port that was asked for.' },
  {
    type: 'attribute',
    name: ATTR_CLIENT_ADDRESS,
    meaning: 'Address of the client, of `forwarded` or `x-forwarded-for` where there is one.',
  },
  { type: 'attribute', name: ATTR_NETWORK_PEER_ADDRESS, meaning: 'Address of the other end of the connection.' },
  { type: 'attribute', name: ATTR_NETWORK_PEER_PORT, meaning: 'Port of the other end of the connection.' },
  { type: 'attribute', name: ATTR_NETWORK_PROTOCOL_VERSION, meaning: 'Version of HTTP.' },
  { type: 'attribute', name: ATTR_USER_AGENT_ORIGINAL, meaning: 'The `user-agent` header.' },
  { type: 'attribute', name: ATTR_ERROR_TYPE, meaning: 'Status of the response, or name or code of the error.' },
  {
    type: 'attribute',
    name: 'http.request.header.{name}',
    meaning: 'A header that `OTEL_INSTRUMENTATION_HTTP_{SERVER,CLIENT}_CAPTURE_REQUEST_HEADERS` names.',
  },
  {
    type: 'attribute',
    name: 'http.response.header.{name}',
    meaning: 'A header that `OTEL_INSTRUMENTATION_HTTP_{SERVER,CLIENT}_CAPTURE_RESPONSE_HEADERS` names.',
  },
  METRIC_UNTOLD_CALLERS,
];
