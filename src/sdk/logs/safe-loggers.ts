// Has the SDK's logger provider return loggers that never throw into the app, whatever they are
// given.
import { type LoggerProvider as ApiLoggerProvider, createNoopLogger, type Logger } from '@opentelemetry/api-logs';
import { LoggerProvider } from '@opentelemetry/sdk-logs';
import { propertyOf, reportMisuse } from '../../context/api-misuse.js';
import { warn } from '../../diagnose/diagnostics.js';
import { readScope, scopeKey } from '../api/instrumentation-scope.js';
import { plainAttributes } from '../metrics/measured-attributes.js';
import { plainLogRecord } from './plain-log-record.js';

/** The SDK keeps each logger for ever. */
const MAX_LOGGERS = 1_000;

/**
 * Must be called before the app asks for a logger. Does nothing with a provider that is not the
 * SDK's.
 */
export function makeLoggersSafe(provider: ApiLoggerProvider): void {
  if (!(provider instanceof LoggerProvider)) return;
  const getLogger = provider.getLogger.bind(provider);
  const loggers = new Map<string, Logger>();
  provider.getLogger = (givenName, givenVersion, options) => {
    const scope = readScope('LoggerProvider.getLogger', givenName, givenVersion, options);
    const scopeAttributes = plainAttributes(propertyOf(options, 'attributes'));
    const key = `${scopeKey(scope)}\n${JSON.stringify(scopeAttributes)}`;
    const known = loggers.get(key);
    if (known !== undefined) return known;
    if (loggers.size >= MAX_LOGGERS) {
      sayTooMany();
      return createNoopLogger();
    }
    const { name, version, schemaUrl } = scope;
    const logger = new SafeLogger(
      getLogger(name, version, { ...(schemaUrl === undefined ? {} : { schemaUrl }), attributes: scopeAttributes }),
    );
    loggers.set(key, logger);
    return logger;
  };
}

class SafeLogger implements Logger {
  readonly #logger: Logger;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  emit(record: Parameters<Logger['emit']>[0]): void {
    try {
      this.#logger.emit(plainLogRecord(record));
    } catch {
      reportMisuse('Logger.emit', 'the record cannot be used');
    }
  }

  enabled(options?: Parameters<Logger['enabled']>[0]): boolean {
    try {
      return this.#logger.enabled(options === undefined ? undefined : plainLogRecord(options));
    } catch {
      return false;
    }
  }
}

function sayTooMany(): void {
  warn('SIETCH147', `${MAX_LOGGERS} loggers with different names (getLogger); records of further ones are dropped`);
}
