// The logging integration.
import { defineIntegration } from '../integration.js';
import { loggingNames } from './names.js';
import { loggingSettings } from './settings.js';

export const loggingIntegration = defineIntegration({
  name: 'logging',
  modules: [],
  settings: loggingSettings,
  emits: loggingNames,
  start: () => ({ instrumentations: [] }),
});
