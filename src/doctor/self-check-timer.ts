// When the process looks at itself: once, some time after its start, or at its end where that comes before and a doctor is listening.
import { Worker } from 'node:worker_threads';
import { listenUnseen } from '../exit/unseen-listeners.js';
import type { AnyQueue } from '../export/export-queue.js';
import { writeLine } from '../sdk/diagnostics.js';

export interface SelfCheckSettings {
  /** 0: never. */
  readonly diagnoseAfterMs: number;
  readonly diagnoseAll: boolean;
  readonly workerThreads: boolean;
  readonly esmHook: 'auto' | 'on' | 'off';
}

export function checkSelfLater(queues: readonly AnyQueue[], settings: SelfCheckSettings): void {
  if (settings.diagnoseAfterMs === 0) return;
  let threads = 0;
  let done = false;
  if (settings.diagnoseAll) writeLine('[sietch-otel] watched by the doctor');
  if (settings.diagnoseAll && !settings.workerThreads) {
    listenUnseen('worker', (worker: Worker) => {
      if (isOfApp(worker)) threads++;
    });
  }
  const options = { queues, thorough: settings.diagnoseAll, esmHook: settings.esmHook, hasUnseenThreads: () => threads > 0 };
  // Not `untraced`: the first context.with() switches on async hooks, from where on each promise of the process costs more on Node 20.
  const timer = setTimeout(() => {
    done = true;
    load().checkSelf(options).catch(ignore);
  }, settings.diagnoseAfterMs);
  timer.unref();
  if (settings.diagnoseAll) {
    listenUnseen('exit', () => {
      if (!done) load().checkProcess(options);
    });
  }
}

/** Neither Node's own (loader hooks) nor the thread of a pino transport, which is marked by its stream. */
function isOfApp(worker: Worker): boolean {
  return worker.constructor === Worker && !('stream' in worker);
}

function load(): typeof import('./self-check.js') {
  return require('./self-check.js');
}

/** A check that fails finds nothing. */
function ignore(): void {}
