// All tables of variables, by section: what is a known name, and what the README lists.
import type { SettingsTable } from './config/setting.js';
import { contextSettings } from './context/settings.js';
import { integrations } from './integrations.js';
import { metricsSettings } from './metrics/settings.js';
import { coreSettings, otelSettings, sdkSettings } from './sdk/settings.js';

export const settingsTables: Readonly<Record<string, SettingsTable>> = {
  core: coreSettings,
  context: contextSettings,
  ...Object.fromEntries(Object.entries(integrations).map(([name, integration]) => [name, integration.settings])),
  metrics: metricsSettings,
  otel: otelSettings,
  sdk: sdkSettings,
};
