// The postgres integration: postgres.js (the package `postgres`) 3. Its settings are those of the
// section `pg` that are about PostgreSQL.

import { querySettings } from '../../observe/postgresql/settings.js';
import { DeferredInstrumentation } from '../../sdk/hooks/deferred-instrumentation.js';
import { defineIntegration } from '../integration.js';
import { postgresNames } from './names.js';

export const postgresIntegration = defineIntegration({
  name: 'postgres',
  section: 'pg',
  modules: ['postgres'],
  innerFiles: [/\/node_modules\/postgres\/src\/connection\.js$/],
  settings: querySettings,
  emits: postgresNames,
  start(options) {
    const instrumentation = new DeferredInstrumentation('postgres', ['postgres'], () => {
      const { PostgresInstrumentation }: typeof import('./instrumentation.js') = require('./instrumentation.js');
      return new PostgresInstrumentation(options);
    });
    return { instrumentations: [instrumentation] };
  },
});
