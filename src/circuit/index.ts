// The circuit integration.
import { defineIntegration } from '../integration.js';
import { circuitNames } from './names.js';
import { circuitSettings } from './settings.js';

export const circuitIntegration = defineIntegration({
  name: 'circuit',
  modules: [],
  settings: circuitSettings,
  emits: circuitNames,
  start: () => ({ instrumentations: [] }),
});
