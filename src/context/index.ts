// Trace context: the facade for apps, and what the SDK and the http integration need of it.
export { configureContext, contextConfiguration } from './configuration.js';
export { managerForSdk } from './context-manager.js';
export { correlationIdOf } from './correlation-id.js';
export { withCorrelationIds } from './correlation-processor.js';
export { idGenerator } from './id-generator.js';
export { acceptCallerId, type IncomingHeaders, traceIdPropagator } from './incoming.js';
export { getTraceLogFields, type TraceLogFields, traceLogFields } from './log-fields.js';
export { type FastifyHook, type Middleware, traceFastifyHook, traceMiddleware } from './middleware.js';
export type { OutgoingHeaders } from './outgoing-headers.js';
export { respondTraceId } from './response-header.js';
export { TraceContext } from './trace-context.js';
export { getTraceHeaders, injectTraceHeaders } from './trace-headers.js';
