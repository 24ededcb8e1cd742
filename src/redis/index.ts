// The redis integration: ioredis 4 to 6.
import { defineIntegration } from '../integration.js';
import { RedisInstrumentation } from './instrumentation.js';
import { redisNames } from './names.js';
import { redisSettings } from './settings.js';

export const redisIntegration = defineIntegration({
  name: 'redis',
  modules: ['ioredis'],
  settings: redisSettings,
  emits: redisNames,
  start: ({ settings }) => ({ instrumentations: [new RedisInstrumentation(settings)] }),
});
