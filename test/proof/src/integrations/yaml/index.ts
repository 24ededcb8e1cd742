// The yaml integration: every document that the app parses.
import { DeferredInstrumentation } from '../../sdk/hooks/deferred-instrumentation.js';
import { defineIntegration } from '../integration.js';
import { yamlNames } from './names.js';
import { yamlSettings } from './settings.js';

export const yamlIntegration = defineIntegration({
  name: 'yaml',
  modules: ['yaml'],
  settings: yamlSettings,
  emits: yamlNames,
  start({ settings }) {
    const instrumentation = new DeferredInstrumentation('yaml', ['yaml'], () => {
      const { createYamlInstrumentation }: typeof import('./instrumentation.js') = require('./instrumentation.js');
      return createYamlInstrumentation(settings);
    });
    return { instrumentations: [instrumentation] };
  },
});
