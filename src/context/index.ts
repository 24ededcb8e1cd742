// Trace context, for the wiring and for integrations. What apps use of it is exported by
// src/index.ts.
export { ChildContext } from './child-context.js';
export { configureContext, contextConfiguration } from './configuration.js';
export { activeContext, managerForSdk, rememberManager, runInContext } from './context-manager.js';
export { correlationIdOf } from './correlation-id.js';
export { withCorrelationIds } from './correlation-processor.js';
export { idGenerator } from './id-generator.js';
export { acceptCallerId, traceIdPropagator } from './incoming.js';
export { getTraceLogFields } from './log-fields.js';
export { respondTraceId } from './response-header.js';
