// The circuit integration: every opossum breaker of the app, seen without code.

import { DeferredInstrumentation } from '../../sdk/hooks/deferred-instrumentation.js';
import { defineIntegration } from '../integration.js';
import { circuitNames } from './names.js';
import { circuitSettings } from './settings.js';

export const circuitIntegration = defineIntegration({
  name: 'circuit',
  modules: ['opossum'],
  settings: circuitSettings,
  emits: circuitNames,
  start({ settings, serviceName }) {
    const instrumentation = new DeferredInstrumentation('circuit', ['opossum'], () => {
      const { createCircuitInstrumentation }: typeof import('./instrumentation.js') = require('./instrumentation.js');
      return createCircuitInstrumentation(settings, serviceName);
    });
    return { instrumentations: [instrumentation] };
  },
});
