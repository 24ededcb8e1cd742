// Handles SIGTERM and SIGINT. Where the app listens, the queues are flushed beside its listener and
// the app decides how it ends. Where it does not, they are flushed and the signal is raised again,
// so that the process is killed by it as without us.
import { addHiddenListener, removeHiddenListener } from '../node/hidden-process-listeners.js';

export interface SignalWork {
  /** Sends what is there; must not keep the process alive. */
  sendBeside(): void;
  /** Sends what is there, within the cap of the exit. Never rejects. */
  sendLast(): Promise<void>;
}

const SIGNALS = ['SIGTERM', 'SIGINT'] as const;

export function watchSignals(work: SignalWork): void {
  // A listener added with prependOnceListener is gone before ours runs, and is the app's answer to
  // the signal all the same.
  const justRemoved = new Set<string | symbol>();
  addHiddenListener('removeListener', (event: string | symbol) => {
    if (justRemoved.size === 0) queueMicrotask(() => justRemoved.clear());
    justRemoved.add(event);
  });
  for (const signal of SIGNALS) watch(signal, work, justRemoved);
}

function watch(signal: (typeof SIGNALS)[number], work: SignalWork, justRemoved: ReadonlySet<string | symbol>): void {
  let dying = false;
  addHiddenListener(signal, (_name: string, number: number | undefined) => {
    if (number === undefined) return; // Emitted by the app itself: nobody has sent a signal.
    if (process.listenerCount(signal) > 0 || justRemoved.has(signal)) return work.sendBeside();
    if (dying) return raise();
    dying = true;
    void work.sendLast().then(raise);
  });
  const raise = () => {
    removeHiddenListener(signal);
    process.kill(process.pid, signal);
  };
}
