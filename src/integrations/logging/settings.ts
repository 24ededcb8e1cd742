// The settings of the logging integration.
import type { SettingsTable } from '../../config/setting.js';

export const loggingSettings = {} satisfies SettingsTable;
