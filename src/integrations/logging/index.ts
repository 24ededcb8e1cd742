// The logging integration: pino's lines carry their trace, and go out as OpenTelemetry log records
// where OTEL_LOGS_EXPORTER asks for it.
import { context } from '@opentelemetry/api';
import { correlationIdOf } from '../../context/index.js';
import { LOG_CORRELATION_ID } from '../../context/names.js';
import { DeferredInstrumentation } from '../../sdk/hooks/deferred-instrumentation.js';
import { defineIntegration } from '../integration.js';
import { loggingNames } from './names.js';
import { loggingSettings } from './settings.js';

export const loggingIntegration = defineIntegration({
  name: 'logging',
  modules: ['pino'],
  settings: loggingSettings,
  emits: loggingNames,
  start({ logsOn }) {
    const create = () => {
      const { SietchPinoInstrumentation }: typeof import('./pino-instrumentation.js') = require('./pino-instrumentation.js');
      return new SietchPinoInstrumentation({
        // Sending costs each line (a second serialisation), also when nobody listens.
        disableLogSending: !logsOn,
        logHook(_span, record) {
          const correlationId = correlationIdOf(context.active());
          if (correlationId !== undefined) record[LOG_CORRELATION_ID] = correlationId;
        },
      });
    };
    return { instrumentations: [new DeferredInstrumentation('logging', ['pino'], create)] };
  },
});
