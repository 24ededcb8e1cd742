// ConsoleLogger: ILogger on a console, for scripts, tests and places without pino.
import { checkOptions, type OptionCheck, type OptionTable, oneOf, that } from '../config/options.js';
import { activeContext } from '../context/context-manager.js';
import { getTraceLogFields } from '../context/index.js';
import { keepForLog } from '../context/trace-recording.js';
import type { ILogger, LogMethod } from './logger.js';

const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'silent'] as const;

/** Lowest level that is written; `silent` writes nothing. */
export type ConsoleLevel = (typeof LEVELS)[number];

/** The methods of a console that are used. */
export type ConsoleLike = Pick<Console, 'debug' | 'info' | 'warn' | 'error'>;

export interface ConsoleLoggerOptions {
  /** The console that is written to. Default: the global `console`. */
  readonly console?: ConsoleLike;
  /** Default: `info`. */
  readonly level?: ConsoleLevel;
  /** Fields of each line. Default: none. */
  readonly bindings?: Readonly<Record<string, unknown>>;
}

const consoleCheck: OptionCheck = (name, value) => {
  for (const method of ['debug', 'info', 'warn', 'error']) {
    const found: unknown = typeof value === 'object' && value !== null ? Reflect.get(value, method) : undefined;
    if (typeof found !== 'function') throw new TypeError(`Expected \`${name}\` to have a method \`${method}\`, got ${typeof found}`);
  }
};

const bindingsCheck = that('an object', (value) => typeof value === 'object' && value !== null);

const TABLE: OptionTable = { console: consoleCheck, level: oneOf(LEVELS), bindings: bindingsCheck };

/**
 * Writes the message first and the fields behind it, as one object: the bindings, the trace fields
 * of the active context, the fields of the call. `trace` goes to `console.debug`, as
 * `console.trace` prints a stack each time.
 * @example const logger = new ConsoleLogger({ console, level: 'debug', bindings: { service:
 * 'billing' } }); logger.warn({ orderId: 7 }, 'payment is late'); // payment is late { service:
 * 'billing', trace_id: …, orderId: 7 }
 */
export class ConsoleLogger implements ILogger {
  readonly trace: LogMethod;
  readonly debug: LogMethod;
  readonly info: LogMethod;
  readonly warn: LogMethod;
  readonly error: LogMethod;
  readonly #options: Required<ConsoleLoggerOptions>;

  /**
   * @throws {TypeError} when the console lacks a method, the level is none of those there are, or
   * the bindings are no object
   */
  constructor(options: ConsoleLoggerOptions = {}) {
    checkOptions('options', options, TABLE);
    const { console: target = console, level = 'info', bindings = {} } = options;
    this.#options = { console: target, level, bindings };
    this.trace = this.#method('trace', 'debug');
    this.debug = this.#method('debug', 'debug');
    this.info = this.#method('info', 'info');
    this.warn = this.#method('warn', 'warn');
    this.error = this.#method('error', 'error');
  }

  /**
   * A logger that adds `bindings` to each line, before those of this one with the same name.
   * @throws {TypeError} when `bindings` is no object
   */
  child(bindings: Record<string, unknown>): ConsoleLogger {
    bindingsCheck('bindings', bindings);
    return new ConsoleLogger({ ...this.#options, bindings: { ...this.#options.bindings, ...bindings } });
  }

  #method(level: ConsoleLevel, name: keyof ConsoleLike): LogMethod {
    const { console: target, level: lowest, bindings } = this.#options;
    if (LEVELS.indexOf(level) < LEVELS.indexOf(lowest)) return () => {};
    return (context: object | string, message?: string) => {
      if (level === 'error') keepForLog(activeContext());
      const fields = { ...bindings, ...getTraceLogFields(), ...fieldsOf(context) };
      const words = [typeof context === 'string' ? context : undefined, message].filter((word) => word !== undefined);
      try {
        target[name](...words, ...(Object.keys(fields).length > 0 ? [fields] : []));
      } catch {
        // A console that fails must not fail what is logged about.
      }
    };
  }
}

/** An error alone is logged as `err`, as pino does it. */
function fieldsOf(context: object | string): object {
  if (typeof context === 'string') return {};
  return context instanceof Error ? { err: context } : context;
}
