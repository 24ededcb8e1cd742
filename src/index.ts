// The library door: importing it starts nothing.
export type { ILogger, LogMethod } from './logging/logger.js';
export { metricsHandler } from './metrics/index.js';
export { routeEvents } from './sdk/event-log.js';
export { type Started, type StartOptions, start } from './start.js';
