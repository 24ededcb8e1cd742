// The queue integration: every BullMQ Queue, Worker and FlowProducer, without code in the app.

import { DeferredInstrumentation } from '../../sdk/hooks/deferred-instrumentation.js';
import { defineIntegration } from '../integration.js';
import { queueNames } from './names.js';
import { queueSettings } from './settings.js';

export const queueIntegration = defineIntegration({
  name: 'queue',
  modules: ['bullmq'],
  settings: queueSettings,
  emits: queueNames,
  start: ({ settings }) => {
    const instrumentation = new DeferredInstrumentation('queue', ['bullmq'], () => {
      const { QueueInstrumentation }: typeof import('./instrumentation.js') = require('./instrumentation.js');
      return new QueueInstrumentation(settings);
    });
    return { instrumentations: [instrumentation] };
  },
});
