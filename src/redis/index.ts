// The redis integration.
import { defineIntegration } from '../integration.js';
import { redisNames } from './names.js';
import { redisSettings } from './settings.js';

export const redisIntegration = defineIntegration({
  name: 'redis',
  modules: [],
  settings: redisSettings,
  emits: redisNames,
  start: () => ({ instrumentations: [] }),
});
