// The node-redis integration: the packages redis 4 to 6 and @redis/client. Its settings and names
// are those of every Redis client.
import { redisSettings } from '../../observe/redis/settings.js';
import { DeferredInstrumentation } from '../../sdk/hooks/deferred-instrumentation.js';
import { defineIntegration } from '../integration.js';

const MODULES = ['redis', '@redis/client', '@node-redis/client'];

export const nodeRedisIntegration = defineIntegration({
  name: 'node-redis',
  section: 'redis',
  modules: MODULES,
  settings: redisSettings,
  emits: [],
  start({ settings, dbRootSpans }) {
    const create = () => {
      const { NodeRedisInstrumentation }: typeof import('./instrumentation.js') = require('./instrumentation.js');
      return new NodeRedisInstrumentation(settings, dbRootSpans);
    };
    return { instrumentations: [new DeferredInstrumentation('node-redis', MODULES.slice(1), create)] };
  },
});
