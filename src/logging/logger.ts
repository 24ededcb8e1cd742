// The logger interface of the project. pino's Logger, the console and ConsoleLogger all fit it.

/**
 * Writes one log line: fields first, message second, or the message alone.
 * The reversed order, `('message', { fields })`, does not compile: pino would drop the fields.
 */
export interface LogMethod {
  (context: object, message?: string): void;
  (message: string): void;
}

/** A logger with levels, each `(context, message?)` or `(message)`. */
export interface ILogger {
  trace: LogMethod;
  debug: LogMethod;
  info: LogMethod;
  warn: LogMethod;
  error: LogMethod;
  /** A logger that adds `bindings` to each line. The console has none. */
  child?(bindings: Record<string, unknown>): ILogger;
}
