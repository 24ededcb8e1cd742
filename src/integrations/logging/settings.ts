// The settings of the logging integration.
import { flag, type SettingsOf, type SettingsTable } from '../../config/setting.js';

export const loggingSettings = {
  console: flag({
    env: 'SIETCH_OTEL_LOGGING_CONSOLE',
    default: false,
    meaning:
      "Lines of `console` and of NestJS' own logger as log records, where `OTEL_LOGS_EXPORTER` names an exporter. What is printed stays as it is, but for the JSON lines of NestJS, which get the fields of the trace.",
  }),
} satisfies SettingsTable;

export type LoggingSettings = SettingsOf<typeof loggingSettings>;
