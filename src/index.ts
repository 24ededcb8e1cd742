// The library door: importing it starts nothing.
export type { IncomingHeaders } from './context/incoming-headers.js';
export { getTraceLogFields, type TraceLogFields } from './context/log-fields.js';
export { type FastifyHook, type Middleware, traceFastifyHook, traceMiddleware } from './context/middleware.js';
export type { OutgoingHeaders } from './context/outgoing-headers.js';
export { TraceContext } from './context/trace-context.js';
export { getTraceHeaders, injectTraceHeaders } from './context/trace-headers.js';
export type { ILogger, LogMethod } from './logging/logger.js';
export { metricsHandler } from './metrics/mounted-handler.js';
export { onSlowQuery, type SlowQuery, type SlowQueryListener } from './pg/slow-query.js';
export type { KeyWriter } from './redis/companion-key.js';
export type { RedisLike } from './redis/unprefixed-command.js';
export { whoWrote } from './redis/who-wrote.js';
export { routeEvents } from './sdk/event-log.js';
export type { StartOptions } from './settings-tables.js';
export { type Started, start } from './start.js';
