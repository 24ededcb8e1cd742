// The middleware that gives requests their trace in apps without the preload, or with the http
// integration off. Under the http integration it changes nothing.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Context, context, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { getRPCMetadata, RPCType } from '@opentelemetry/core';
import { ATTR_ERROR_TYPE, ATTR_HTTP_REQUEST_METHOD, ATTR_HTTP_RESPONSE_STATUS_CODE } from '@opentelemetry/semantic-conventions';
import { reportMisuse } from './api-misuse.js';
import { ensureContextManager, hasTracerProvider } from './context-manager.js';
import { idGenerator } from './id-generator.js';
import { acceptCallerId, extractContext } from './incoming.js';
import { respondTraceId } from './response-header.js';
import { outcomeOf } from './response-outcome.js';
import { TraceContext, traceIdOf } from './trace-context.js';

/** `connect`, Express and plain `http` take this form. */
export type Middleware = (request: IncomingMessage, response: ServerResponse, next: (error?: unknown) => void) => void;

/** An `onRequest` hook of Fastify. */
export type FastifyHook = (request: { readonly raw: IncomingMessage }, reply: { readonly raw: ServerResponse }, done: () => void) => void;

/** Requests that one of the two has seen: both may be mounted, or one twice. */
const entered = new WeakSet<IncomingMessage>();

/**
 * Middleware that gives each request its trace: of `traceparent`, else with the trace id in
 * `x-trace-id`, else a new one. The response carries the id in `x-trace-id`.
 * @example app.use(traceMiddleware());
 */
export function traceMiddleware(): Middleware {
  return function traceMiddleware(request, response, next) {
    enter(request, response, () => next());
  };
}

/**
 * The same as an `onRequest` hook of Fastify.
 * @example fastify.addHook('onRequest', traceFastifyHook());
 */
export function traceFastifyHook(): FastifyHook {
  return function traceFastifyHook(request, reply, done) {
    enter(request.raw, reply.raw, done);
  };
}

/**
 * Errors of `next` go to the caller; what is not a request of node:http goes on without a trace.
 */
function enter(request: IncomingMessage, response: ServerResponse, next: () => void): void {
  const ctx = contextFor(request, response);
  if (ctx === undefined) next();
  else context.with(ctx, next);
}

/** The context that the handlers of a request run in, where it is another. Never throws. */
function contextFor(request: IncomingMessage, response: ServerResponse): Context | undefined {
  try {
    if (entered.has(request)) return undefined;
    entered.add(request);
    // The active span counts only as the request's own: a server that was started inside of a span
    // leaves that span active in each request.
    const traceId = getRPCMetadata(context.active())?.type === RPCType.HTTP ? TraceContext.current().traceId : undefined;
    if (traceId !== undefined) {
      respondTraceId(response, traceId);
      return undefined;
    }
    const ctx = hasTracerProvider()
      ? startServerSpan(request, response)
      : TraceContext.fromHeaders(request.headers).run(() => context.active());
    ensureContextManager();
    // Their events fire in the context of the connection, in which body parsers would go on.
    context.bind(ctx, request);
    context.bind(ctx, response);
    const ownId = traceIdOf(ctx);
    if (ownId !== undefined) respondTraceId(response, ownId);
    return ctx;
  } catch {
    reportMisuse('traceMiddleware()', 'the request or the response is none of node:http');
    return undefined;
  }
}

/**
 * With an SDK the trace needs a real span: a made-up one would leave the spans of the handlers
 * without their parent.
 */
function startServerSpan(request: IncomingMessage, response: ServerResponse): Context {
  const parent = extractContext(request.headers);
  const callerId = acceptCallerId(request.headers);
  const method = request.method ?? 'GET';
  if (callerId.kind === 'trace-id') idGenerator.setNext(callerId.traceId);
  const span = trace
    .getTracer('@sietch/otel')
    .startSpan(method, { kind: SpanKind.SERVER, attributes: { [ATTR_HTTP_REQUEST_METHOD]: method } }, parent);
  idGenerator.clear();
  response.once('close', () => {
    const { statusCode, errorType } = outcomeOf(response);
    if (statusCode !== undefined) span.setAttribute(ATTR_HTTP_RESPONSE_STATUS_CODE, statusCode);
    if (errorType !== undefined) span.setAttribute(ATTR_ERROR_TYPE, errorType).setStatus({ code: SpanStatusCode.ERROR });
    span.end();
  });
  return trace.setSpan(parent, span);
}
