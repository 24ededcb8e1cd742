// The runtime integration: event loop, garbage collection and heap, CPU, memory and open files of
// the process, from when its event loop turns.

import { onEventLoopTurn } from '../../node/event-loop-turn.js';
import { DeferredInstrumentation } from '../../sdk/hooks/deferred-instrumentation.js';
import { defineIntegration } from '../integration.js';
import { runtimeNames } from './names.js';
import { runtimeSettings } from './settings.js';

export const runtimeIntegration = defineIntegration({
  name: 'runtime',
  modules: [],
  settings: runtimeSettings,
  emits: runtimeNames,
  start({ settings }) {
    const instrumentation = new DeferredInstrumentation('runtime', [], () => {
      const { SietchRuntimeInstrumentation }: typeof import('./runtime-node.js') = require('./runtime-node.js');
      return new SietchRuntimeInstrumentation({ monitoringPrecision: settings.precisionMs, captureUncaughtException: false });
    });
    const ofProcess = new DeferredInstrumentation('process', [], () => {
      const { ProcessMetrics }: typeof import('./process-metrics.js') = require('./process-metrics.js');
      return new ProcessMetrics();
    });
    onEventLoopTurn(() => {
      instrumentation.open();
      ofProcess.open();
    });
    return { instrumentations: [instrumentation, ofProcess] };
  },
});
