// The pg integration.
import { defineIntegration } from '../integration.js';
import { pgNames } from './names.js';
import { pgSettings } from './settings.js';

export const pgIntegration = defineIntegration({
  name: 'pg',
  modules: [],
  settings: pgSettings,
  emits: pgNames,
  start: () => ({ instrumentations: [] }),
});
