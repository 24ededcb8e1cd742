// The queue integration: every BullMQ Queue, Worker and FlowProducer, without code in the app.
import { defineIntegration } from '../integration.js';
import { QueueInstrumentation } from './instrumentation.js';
import { queueNames } from './names.js';
import { queueSettings } from './settings.js';

export const queueIntegration = defineIntegration({
  name: 'queue',
  modules: ['bullmq'],
  settings: queueSettings,
  emits: queueNames,
  start: ({ settings }) => {
    const instrumentation = new QueueInstrumentation(settings);
    return { instrumentations: [instrumentation], shutdown: () => instrumentation.shutdown() };
  },
});
