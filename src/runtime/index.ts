// The runtime integration: event loop, garbage collection and heap of the process.
import { RuntimeNodeInstrumentation } from '@opentelemetry/instrumentation-runtime-node';
import { defineIntegration } from '../integration.js';
import { runtimeNames } from './names.js';
import { runtimeSettings } from './settings.js';

export const runtimeIntegration = defineIntegration({
  name: 'runtime',
  modules: [],
  settings: runtimeSettings,
  emits: runtimeNames,
  start: ({ settings }) => ({
    instrumentations: [new RuntimeNodeInstrumentation({ monitoringPrecision: settings.precisionMs, captureUncaughtException: false })],
  }),
});
