// Everything that is emitted, by section: for the README and for the check of dashboards and
// alerts.
import type { EmittedName } from '../config/emitted-name.js';
import { contextNames } from '../context/names.js';
import { sdkNames } from '../diagnose/names.js';
import { exportNames } from '../export/names.js';
import { integrations } from '../integrations/integrations.js';
import { runningNames } from '../observe/running-names.js';
import { metricsNames } from '../prometheus/names.js';
import { recorderNames } from '../sdk/recorder/names.js';

export const emittedNames: Readonly<Record<string, readonly EmittedName[]>> = {
  context: contextNames,
  ...Object.fromEntries(Object.entries(integrations).map(([name, integration]) => [name, integration.emits])),
  metrics: metricsNames,
  recorder: recorderNames,
  sdk: [...sdkNames, ...exportNames, ...runningNames],
};
