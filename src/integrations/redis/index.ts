// The redis integration: ioredis 4 to 6.

import { redisNames } from '../../observe/redis/names.js';
import { redisSettings } from '../../observe/redis/settings.js';
import { DeferredInstrumentation } from '../../sdk/hooks/deferred-instrumentation.js';
import { defineIntegration } from '../integration.js';

export const redisIntegration = defineIntegration({
  name: 'redis',
  modules: ['ioredis'],
  settings: redisSettings,
  emits: redisNames,
  start({ settings, dbRootSpans }) {
    const create = () => {
      const { RedisInstrumentation }: typeof import('./instrumentation.js') = require('./instrumentation.js');
      return new RedisInstrumentation(settings, dbRootSpans);
    };
    return { instrumentations: [new DeferredInstrumentation('redis', ['ioredis'], create)] };
  },
});
