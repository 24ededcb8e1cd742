// The settings of the pg integration.
import type { SettingsTable } from '../config/setting.js';

export const pgSettings = {} satisfies SettingsTable;
