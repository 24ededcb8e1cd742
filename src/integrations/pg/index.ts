// The pg integration: node-postgres, its pool, and whatever is queued on its clients (cursors,
// streams, COPY).

import { DeferredInstrumentation } from '../../sdk/hooks/deferred-instrumentation.js';
import { defineIntegration } from '../integration.js';
import { pgNames } from './names.js';
import { pgSettings } from './settings.js';

export const pgIntegration = defineIntegration({
  name: 'pg',
  modules: ['pg', 'pg-pool'],
  settings: pgSettings,
  emits: pgNames,
  start(options) {
    const instrumentation = new DeferredInstrumentation('pg', ['pg', 'pg-pool'], () => {
      const { SietchPgInstrumentation }: typeof import('./instrumentation.js') = require('./instrumentation.js');
      return new SietchPgInstrumentation(options);
    });
    return { instrumentations: [instrumentation] };
  },
});
