// What happens to an incoming request, in the order of its life: id taken over, span started, response header set.
import { type IncomingMessage, ServerResponse } from 'node:http';
import { type Attributes, isSpanContextValid, type Span } from '@opentelemetry/api';
import type { HttpInstrumentationConfig } from '@opentelemetry/instrumentation-http';
import { ATTR_URL_QUERY } from '@opentelemetry/semantic-conventions';
import type { SettingsOf } from '../config/setting.js';
import { acceptCallerId, idGenerator, respondTraceId } from '../context/index.js';
import { createPathFilter } from './ignored-paths.js';
import { queryOf, redactQuery } from './redacted-url.js';
import { rememberRequest } from './route.js';
import type { httpSettings } from './settings.js';

/** The hooks for incoming requests. Between the first and the second the span starts, all in one synchronous stretch. */
export function serverHooks(settings: SettingsOf<typeof httpSettings>): HttpInstrumentationConfig {
  const keep = new Set(settings.queryValues);
  return {
    ...(settings.ignorePaths.length > 0 && { ignoreIncomingRequestHook: createPathFilter(settings.ignorePaths) }),
    startIncomingSpanHook(request): Attributes {
      const callerId = acceptCallerId(request.headers);
      // Taken by the span only when it has no remote parent: `traceparent` wins.
      if (callerId.kind === 'trace-id') idGenerator.setNext(callerId.traceId);
      const query = queryOf(request.url ?? '');
      return query ? { [ATTR_URL_QUERY]: redactQuery(query, keep) } : {};
    },
    requestHook(_span, request) {
      idGenerator.clear();
      if (isIncoming(request)) rememberRequest(request);
    },
    responseHook(span: Span, response) {
      const spanContext = span.spanContext();
      if (response instanceof ServerResponse && isSpanContextValid(spanContext)) respondTraceId(response, spanContext.traceId);
    },
  };
}

function isIncoming(request: object): request is IncomingMessage {
  return !('setHeader' in request);
}
