// Every name that the http integration emits: upstream's, all of the stable HTTP semantic conventions.
import {
  ATTR_ERROR_TYPE,
  ATTR_HTTP_REQUEST_METHOD,
  ATTR_HTTP_RESPONSE_STATUS_CODE,
  ATTR_HTTP_ROUTE,
  ATTR_SERVER_ADDRESS,
  ATTR_SERVER_PORT,
  ATTR_URL_FULL,
  ATTR_URL_PATH,
  ATTR_URL_QUERY,
  ATTR_URL_SCHEME,
  METRIC_HTTP_CLIENT_REQUEST_DURATION,
  METRIC_HTTP_SERVER_REQUEST_DURATION,
} from '@opentelemetry/semantic-conventions';
import type { EmittedName } from '../config/emitted-name.js';

const RESULT = [ATTR_HTTP_REQUEST_METHOD, ATTR_HTTP_RESPONSE_STATUS_CODE, ATTR_ERROR_TYPE];

export const httpNames: readonly EmittedName[] = [
  { type: 'span', name: '{method} {route}', kind: 'SERVER', meaning: 'An incoming request, from its head to the end of the response.' },
  { type: 'span', name: '{method}', kind: 'CLIENT', meaning: 'An outgoing request by http, https or fetch.' },
  {
    type: 'metric',
    name: METRIC_HTTP_SERVER_REQUEST_DURATION,
    instrument: 'histogram',
    unit: 's',
    attributes: [...RESULT, ATTR_HTTP_ROUTE, ATTR_URL_SCHEME],
    meaning: 'Time of incoming requests.',
  },
  {
    type: 'metric',
    name: METRIC_HTTP_CLIENT_REQUEST_DURATION,
    instrument: 'histogram',
    unit: 's',
    attributes: [...RESULT, ATTR_SERVER_ADDRESS, ATTR_SERVER_PORT],
    meaning: 'Time of outgoing requests.',
  },
  { type: 'attribute', name: ATTR_HTTP_REQUEST_METHOD, meaning: 'Method of the request.' },
  { type: 'attribute', name: ATTR_HTTP_ROUTE, meaning: 'Route that matched, with its placeholders: `/webhooks/:provider`.' },
  { type: 'attribute', name: ATTR_HTTP_RESPONSE_STATUS_CODE, meaning: 'Status code of the response.' },
  { type: 'attribute', name: ATTR_URL_PATH, meaning: 'Path of an incoming request.' },
  { type: 'attribute', name: ATTR_URL_QUERY, meaning: 'Its query: names of the parameters, values redacted.' },
  { type: 'attribute', name: ATTR_URL_FULL, meaning: 'URL of an outgoing request: no credentials, values of the query redacted.' },
];
