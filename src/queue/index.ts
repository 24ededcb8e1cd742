// The queue integration.
import { defineIntegration } from '../integration.js';
import { queueNames } from './names.js';
import { queueSettings } from './settings.js';

export const queueIntegration = defineIntegration({
  name: 'queue',
  modules: [],
  settings: queueSettings,
  emits: queueNames,
  start: () => ({ instrumentations: [] }),
});
