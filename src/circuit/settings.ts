// The settings of the circuit integration.
import type { SettingsTable } from '../config/setting.js';

export const circuitSettings = {} satisfies SettingsTable;
