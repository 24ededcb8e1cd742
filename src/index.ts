// The library door: importing it starts nothing.
export {
  type FastifyHook,
  getTraceHeaders,
  getTraceLogFields,
  type IncomingHeaders,
  injectTraceHeaders,
  type Middleware,
  type OutgoingHeaders,
  TraceContext,
  type TraceLogFields,
  traceFastifyHook,
  traceMiddleware,
} from './context/index.js';
export type { ILogger, LogMethod } from './logging/logger.js';
export { metricsHandler } from './metrics/index.js';
export { onSlowQuery, type SlowQuery, type SlowQueryListener } from './pg/slow-query.js';
export type { KeyWriter } from './redis/companion-key.js';
export type { RedisLike } from './redis/unprefixed-command.js';
export { whoWrote } from './redis/who-wrote.js';
export { routeEvents } from './sdk/event-log.js';
export { type Started, type StartOptions, start } from './start.js';
