// The settings of the runtime integration.
import { integer, type SettingsTable } from '../../config/setting.js';

export const runtimeSettings = {
  precisionMs: integer({
    env: 'SIETCH_OTEL_RUNTIME_PRECISION_MS',
    default: 20,
    min: 1,
    max: 1000,
    unit: 'ms',
    meaning: 'How often the delay of the event loop is sampled; delays read as at least this much.',
  }),
} satisfies SettingsTable;
