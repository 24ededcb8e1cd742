// All tables of variables, by section: the options of `start()`, what is a known name, and what the README lists.

import { circuitSettings } from './circuit/settings.js';
import type { SettingsOptions } from './config/read.js';
import type { SettingsTable } from './config/setting.js';
import { contextSettings } from './context/settings.js';
import { httpSettings } from './http/settings.js';
import { loggingSettings } from './logging/settings.js';
import { metricsSettings } from './metrics/settings.js';
import { pgSettings } from './pg/settings.js';
import { queueSettings } from './queue/settings.js';
import { redisSettings } from './redis/settings.js';
import { runtimeSettings } from './runtime/settings.js';
import { coreSettings, otelSettings, sdkSettings } from './sdk/settings.js';

export const settingsTables = {
  core: coreSettings,
  context: contextSettings,
  http: httpSettings,
  pg: pgSettings,
  redis: redisSettings,
  queue: queueSettings,
  circuit: circuitSettings,
  logging: loggingSettings,
  runtime: runtimeSettings,
  metrics: metricsSettings,
  otel: otelSettings,
  sdk: sdkSettings,
} as const satisfies Readonly<Record<string, SettingsTable>>;

/** Options of `start()`: what the environment says, in code. Each overrides its variable. Those under `sdk` are read by the SDK from the environment only. */
export type StartOptions = {
  readonly [Section in Exclude<keyof typeof settingsTables, 'sdk'>]?: SettingsOptions<(typeof settingsTables)[Section]>;
};
