// Logs events of the app that the distribution observes: a slow query, a dead letter, a breaker
// that opened. Each is one JSON line on stderr (pino's field names) or a call of the app's own
// logger, and an OpenTelemetry log record where OTEL_LOGS_EXPORTER asks for it.
import { type Attributes, type Context, context } from '@opentelemetry/api';
import { logs, SeverityNumber } from '@opentelemetry/api-logs';
import { expectation } from '../config/options.js';
import { traceLogFields } from '../context/log-fields.js';
import { keepForLog } from '../context/trace-recording.js';
import { writeLine } from '../diagnose/stderr.js';
import type { ILogger } from './logger.js';

export type EventLevel = 'debug' | 'info' | 'warn' | 'error';

/** One thing that happened in the app. */
export interface LogEvent {
  readonly level: EventLevel;
  /** Declared in an integration's names.ts, e.g. `sietch.pg.slow_query`. */
  readonly name: string;
  /** One short sentence; no values of the app. */
  readonly message: string;
  readonly attributes: Attributes;
  /** The context the event belongs to; the active one by default. */
  readonly context?: Context;
}

/** The destination of the lines: `json` on stderr, `off`, or a logger of the app. */
export type EventSink = 'json' | 'off' | ILogger;

const PINO_LEVELS: Readonly<Record<EventLevel, number>> = { debug: 20, info: 30, warn: 40, error: 50 };
const SEVERITIES: Readonly<Record<EventLevel, SeverityNumber>> = {
  debug: SeverityNumber.DEBUG,
  info: SeverityNumber.INFO,
  warn: SeverityNumber.WARN,
  error: SeverityNumber.ERROR,
};

const SINK = Symbol.for('@sietch/otel.event-sink');
const registry: typeof globalThis & { [SINK]?: EventSink } = globalThis;

/**
 * Sends the event lines of the whole process to `sink` from now on. Copies of this package share
 * the setting.
 * @throws {TypeError} for something else than `json`, `off` or a logger
 */
export function routeEvents(sink: EventSink): void {
  if (sink !== 'json' && sink !== 'off' && !isLogger(sink)) throw new TypeError(expectation('sink', 'json, off or a logger', sink));
  registry[SINK] = sink;
}

function isLogger(sink: unknown): boolean {
  const methods = ['debug', 'info', 'warn', 'error'];
  return typeof sink === 'object' && sink !== null && methods.every((method) => typeof Reflect.get(sink, method) === 'function');
}

/** Logs one event with the trace fields of its context. Never throws. */
export function logEvent(event: LogEvent): void {
  const eventContext = event.context ?? context.active();
  if (event.level === 'error') keepForLog(eventContext);
  try {
    writeEvent(event, eventContext);
  } catch {
    // A logger of the app that throws must not fail what it logs about.
  }
  try {
    logs.getLogger('@sietch/otel').emit({
      eventName: event.name,
      severityNumber: SEVERITIES[event.level],
      severityText: event.level.toUpperCase(),
      body: event.message,
      attributes: event.attributes,
      context: eventContext,
    });
  } catch {
    // Nor may a log exporter.
  }
}

function writeEvent(event: LogEvent, eventContext: Context): void {
  const sink = registry[SINK] ?? 'json';
  if (sink === 'off') return;
  const fields = { event: event.name, ...traceLogFields(eventContext), ...event.attributes };
  if (sink !== 'json') {
    const result: unknown = sink[event.level](fields, event.message);
    if (result instanceof Promise) result.catch(() => {});
    return;
  }
  writeLine(JSON.stringify({ level: PINO_LEVELS[event.level], time: Date.now(), name: 'sietch-otel', ...fields, msg: event.message }));
}
