// The http integration.
import { defineIntegration } from '../integration.js';
import { httpNames } from './names.js';
import { httpSettings } from './settings.js';

export const httpIntegration = defineIntegration({
  name: 'http',
  modules: [],
  settings: httpSettings,
  emits: httpNames,
  start: () => ({ instrumentations: [] }),
});
