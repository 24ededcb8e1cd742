// The library door: importing it starts nothing.

export type { SdkParts, StartOptions, StartSampler, StartSpanProcessor } from './catalog/settings-tables.js';
export type { IncomingHeaders } from './context/headers.js';
export { getTraceLogFields, type TraceLogFields } from './context/log-fields.js';
export { type FastifyHook, type Middleware, traceFastifyHook, traceMiddleware } from './context/middleware.js';
export type { OutgoingHeaders } from './context/outgoing-headers.js';
export { TraceContext } from './context/trace-context.js';
export { getTraceHeaders, injectTraceHeaders } from './context/trace-headers.js';
export type { RedisLike } from './integrations/redis/unprefixed-command.js';
export { whoWrote } from './integrations/redis/who-wrote.js';
export { routeEvents } from './logging/event-log.js';
export type { ILogger, LogMethod } from './logging/logger.js';
export { onSlowQuery, type SlowQuery, type SlowQueryListener } from './observe/postgresql/slow-query.js';
export type { KeyWriter } from './observe/redis/companion-key.js';
export { metricsHandler } from './prometheus/mounted-handler.js';
export { type Started, start } from './start.js';
