// The settings of the http integration.
import type { SettingsTable } from '../config/setting.js';

export const httpSettings = {} satisfies SettingsTable;
