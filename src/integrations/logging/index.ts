// The logging integration: the lines of pino, winston and bunyan carry their trace, and go out as
// OpenTelemetry log records where OTEL_LOGS_EXPORTER asks for it; those of `console` and of NestJS'
// own logger on request.
import { context } from '@opentelemetry/api';
import { correlationIdOf } from '../../context/index.js';
import { LOG_CORRELATION_ID } from '../../context/names.js';
import { keepForLog } from '../../context/trace-recording.js';
import { type Deferred, DeferredInstrumentation } from '../../sdk/hooks/deferred-instrumentation.js';
import { defineIntegration } from '../integration.js';
import { loggingNames } from './names.js';
import { loggingSettings } from './settings.js';

export const loggingIntegration = defineIntegration({
  name: 'logging',
  modules: ['pino', 'winston', 'bunyan', '@nestjs/common'],
  settings: loggingSettings,
  emits: loggingNames,
  start({ settings, logsOn, isOn }) {
    const libraries: Record<string, () => Deferred> = {
      pino: () => createPino(logsOn),
      winston: () => createWinston(logsOn),
      bunyan: () => createBunyan(logsOn),
      ...(settings.console ? { '@nestjs/common': () => createNestLogger(logsOn) } : {}),
    };
    const deferred = Object.entries(libraries)
      .filter(([library]) => isOn(library))
      .map(([library, create]) => new DeferredInstrumentation('logging', [library], create));
    return { instrumentations: settings.console && logsOn ? [...deferred, createConsole()] : deferred };
  },
});

/** pino's number for the level; `fatal` is above. */
const PINO_ERROR = 50;

function createPino(logsOn: boolean) {
  const { SietchPinoInstrumentation }: typeof import('./pino-instrumentation.js') = require('./pino-instrumentation.js');
  return new SietchPinoInstrumentation({
    // Sending costs each line (a second serialisation), also when nobody listens.
    disableLogSending: !logsOn,
    logHook(_span, record, level) {
      if (level !== undefined && level >= PINO_ERROR) keepForLog(context.active());
      const correlationId = correlationIdOf(context.active());
      if (correlationId !== undefined) record[LOG_CORRELATION_ID] = correlationId;
    },
  });
}

function createWinston(logsOn: boolean) {
  const { WinstonInstrumentation }: typeof import('./winston-instrumentation.js') = require('./winston-instrumentation.js');
  return new WinstonInstrumentation(logsOn);
}

function createBunyan(logsOn: boolean) {
  const { BunyanInstrumentation }: typeof import('./bunyan-instrumentation.js') = require('./bunyan-instrumentation.js');
  return new BunyanInstrumentation(logsOn);
}

function createNestLogger(logsOn: boolean) {
  const { NestLoggerInstrumentation }: typeof import('./nest-logger-instrumentation.js') = require('./nest-logger-instrumentation.js');
  return new NestLoggerInstrumentation(logsOn);
}

function createConsole() {
  const { ConsoleInstrumentation }: typeof import('./console-instrumentation.js') = require('./console-instrumentation.js');
  return new ConsoleInstrumentation();
}
