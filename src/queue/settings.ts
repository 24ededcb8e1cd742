// The settings of the queue integration.
import type { SettingsTable } from '../config/setting.js';

export const queueSettings = {} satisfies SettingsTable;
