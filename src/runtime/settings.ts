// The settings of the runtime integration.
import type { SettingsTable } from '../config/setting.js';

export const runtimeSettings = {} satisfies SettingsTable;
