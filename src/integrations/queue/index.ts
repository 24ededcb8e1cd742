// The queue integration: every queue and worker of BullMQ, Bull and pg-boss, without code in the
// app.

import { tellLive } from '../../observe/live-state.js';
import { MethodPatches } from '../../observe/method-patches.js';
import { type Deferred, DeferredInstrumentation } from '../../sdk/hooks/deferred-instrumentation.js';
import { defineIntegration } from '../integration.js';
import { queueNames } from './names.js';
import { type QueueSettings, queueSettings } from './settings.js';

export const queueIntegration = defineIntegration({
  name: 'queue',
  modules: ['bullmq', 'bull', 'pg-boss'],
  settings: queueSettings,
  emits: queueNames,
  start: ({ settings, isOn }) => {
    const libraries: Record<string, () => Deferred> = {
      bullmq: () => createBullmq(settings),
      bull: () => createBull(settings),
      'pg-boss': () => createPgBoss(settings),
    };
    const on = Object.entries(libraries).filter(([library]) => isOn(library));
    if (isOn('bull')) openBullSandbox();
    tellLive(
      'jobs',
      (most) => loadJobs().activeJobs(most),
      () => loadJobs().countJobs(),
    );
    return { instrumentations: on.map(([library, create]) => new DeferredInstrumentation('queue', [library], create)) };
  },
});

function loadJobs(): typeof import('./job-run.js') {
  return require('./job-run.js');
}

function createBullmq(settings: QueueSettings) {
  const { QueueInstrumentation }: typeof import('./instrumentation.js') = require('./instrumentation.js');
  return new QueueInstrumentation(settings);
}

function createBull(settings: QueueSettings) {
  const { BullInstrumentation }: typeof import('./bull/bull-instrumentation.js') = require('./bull/bull-instrumentation.js');
  return new BullInstrumentation(settings);
}

function createPgBoss(settings: QueueSettings) {
  const { PgBossInstrumentation }: typeof import('./pg-boss/pg-boss-instrumentation.js') = require('./pg-boss/pg-boss-instrumentation.js');
  return new PgBossInstrumentation(settings);
}

/** The process of a sandboxed processor need not load Bull. */
function openBullSandbox(): void {
  if (process.send === undefined || process.argv[1]?.endsWith('master.js') !== true) return;
  const { isSandbox, openSandbox }: typeof import('./bull/bull-sandbox.js') = require('./bull/bull-sandbox.js');
  if (isSandbox()) openSandbox(new MethodPatches());
}
