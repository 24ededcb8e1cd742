// The runtime integration.
import { defineIntegration } from '../integration.js';
import { runtimeNames } from './names.js';
import { runtimeSettings } from './settings.js';

export const runtimeIntegration = defineIntegration({
  name: 'runtime',
  modules: [],
  settings: runtimeSettings,
  emits: runtimeNames,
  start: () => ({ instrumentations: [] }),
});
