// The settings of trace context.
import type { SettingsTable } from '../config/setting.js';

export const contextSettings = {} satisfies SettingsTable;
