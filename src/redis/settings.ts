// The settings of the redis integration.
import type { SettingsTable } from '../config/setting.js';

export const redisSettings = {} satisfies SettingsTable;
