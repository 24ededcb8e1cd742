// Library door of @sietch/otel/logging.
export { type ConsoleLevel, type ConsoleLike, ConsoleLogger, type ConsoleLoggerOptions } from './console-logger.js';
export { createLogger } from './create-logger.js';
export type { ILogger, LogMethod } from './logger.js';
