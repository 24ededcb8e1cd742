// Schedules the self-check: once, some time after the first turn of the event loop (an app may load
// for long), or at the end of the process where that comes first and a doctor watches.
import { Worker } from 'node:worker_threads';
import { startCount } from '../diagnose/start-count.js';
import type { AnyQueue } from '../export/export-queue.js';
import { onEventLoopTurn } from '../node/event-loop-turn.js';
import { addHiddenListener } from '../node/hidden-process-listeners.js';
import { ownVariables } from './late-variables.js';
import { reportToDoctor } from './report-to-doctor.js';

export interface SelfCheckSettings {
  /** 0: never. */
  readonly diagnoseAfterMs: number;
  readonly diagnoseAll: boolean;
  readonly workerThreads: boolean;
  readonly esmHook: 'auto' | 'on' | 'off';
  readonly signals: boolean;
}

export function checkSelfLater(queues: readonly AnyQueue[], settings: SelfCheckSettings): void {
  if (settings.diagnoseAfterMs === 0) return;
  const { diagnoseAll: thorough, esmHook } = settings;
  let threads = 0;
  const atStart = thorough ? ownVariables(process.env) : undefined;
  const options = { queues, atStart, esmHook, hasUnobservedThreads: () => threads > 0 };
  // Not `untraced`: the first context.with() switches on async hooks, from where on each promise of
  // the process costs more on Node 20.
  const check = () => load().checkSelf(options).catch(ignore);
  if (!thorough) {
    onEventLoopTurn(() => setTimeout(check, settings.diagnoseAfterMs).unref());
    return;
  }
  if (!settings.workerThreads) {
    addHiddenListener('worker', (worker: Worker) => {
      if (isOfApp(worker)) threads++;
    });
  }
  checkForDoctor(settings, check, () => load().checkProcess(options));
}

/** Each process reports its finished self-check, whichever way it ends. */
function checkForDoctor({ diagnoseAfterMs, signals }: SelfCheckSettings, check: () => Promise<void>, checkAtOnce: () => void): void {
  let isChecked = false;
  const reportChecked = () => {
    if (!isChecked) reportToDoctor(startCount() > 0 ? 'checked' : 'checked, preloaded by the doctor');
    isChecked = true;
  };
  reportToDoctor('started');
  onEventLoopTurn(() => {
    reportToDoctor('turns');
    setTimeout(() => void check().then(reportChecked), diagnoseAfterMs).unref();
  });
  for (const event of ['exit', ...(signals ? ['SIGTERM', 'SIGINT'] : [])]) {
    addHiddenListener(event, () => {
      if (isChecked) return;
      checkAtOnce();
      reportChecked();
    });
  }
}

/**
 * Neither Node's own (loader hooks) nor the thread of a pino transport, which is marked by its
 * stream.
 */
function isOfApp(worker: Worker): boolean {
  return worker.constructor === Worker && !('stream' in worker);
}

function load(): typeof import('./self-check.js') {
  return require('./self-check.js');
}

/** A check that fails finds nothing. */
function ignore(): void {}
