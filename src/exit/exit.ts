// Sends the telemetry that is left when the process ends, whichever way it ends, up to a deadline.
// The app's exit code, signal and listeners stay as they are.
import type { IMetricReader } from '@opentelemetry/sdk-metrics';
import type { Pipelines } from '../export/pipelines.js';
import { addHiddenListener } from '../node/hidden-process-listeners.js';
import { isMainThread } from '../node/main-thread.js';
import { ExitHandOver } from './exit-hand-over.js';
import { watchSignals } from './signals.js';
import { recordUncaughtErrors } from './uncaught.js';

export interface ExitOptions {
  /** Longest that the end of the process may wait, in ms. */
  readonly capMs: number;
  /** Whether SIGTERM and SIGINT are watched. */
  readonly signals: boolean;
  /** Removes what this process has put into the file system. Must not throw. */
  leave(): void;
  /** Lets the flight recorder drop what waits in it, which is counted. */
  clearRecorder(): void;
}

/** In a worker thread only uncaught errors are recorded: the main thread sends. */
export function sendAtExit(
  { queues, pushReaders, pushNow, drainThreads }: Pipelines,
  { capMs, signals, leave, clearRecorder }: ExitOptions,
): void {
  const endOpenSpan = recordUncaughtErrors();
  if (!isMainThread) {
    addHiddenListener('exit', endOpenSpan);
    return;
  }
  const handOver = new ExitHandOver(queues, capMs);
  const sendAll = async (deadlineMs: number, hold: boolean, chosen = queues) => {
    drainThreads();
    // Readers put the last state of the metrics into their queue and flush that.
    const collected = pushReaders.map((reader) => collect(reader, deadlineMs));
    await Promise.allSettled([...collected, ...chosen.map((queue) => queue.flush(deadlineMs, hold))]);
  };

  if (signals) {
    watchSignals({
      sendBeside: () => void sendAll(capMs, false),
      sendLast: async () => {
        leave();
        clearRecorder();
        await sendAll(handOver.remainingMs(), true);
        handOver.run();
      },
    });
  }
  const leavable = queues.filter((queue) => !queue.holdsProcess);
  const hasSentIdle = sendWhenIdle(
    () => {
      clearRecorder();
      return sendAll(handOver.remainingMs(), true, leavable);
    },
    () => leavable.some((queue) => !queue.isEmpty) || pushReaders.length > 0,
  );
  addHiddenListener('exit', () => {
    leave();
    endOpenSpan();
    clearRecorder();
    drainThreads();
    if (!hasSentIdle()) pushNow();
    handOver.run();
  });
}

/**
 * The natural end, when the event loop has nothing left: there sending needs no worker. It makes
 * the loop turn once more, though, and so `beforeExit` comes again: with listeners of the app,
 * which would be called twice, all is left to `exit`. Returns whether it has come again: the
 * process ends with nothing left. Until then the app may go on, when what it waited for was our own
 * sending.
 */
function sendWhenIdle(send: () => Promise<void>, hasWork: () => boolean): () => boolean {
  let done = false;
  let isOver = false;
  addHiddenListener('beforeExit', () => {
    isOver = done && process.listenerCount('beforeExit') === 0;
    if (done || process.listenerCount('beforeExit') > 0 || !hasWork()) return;
    done = true;
    void send();
  });
  return () => isOver;
}

async function collect(reader: IMetricReader, deadlineMs: number): Promise<void> {
  await reader.forceFlush({ timeoutMillis: deadlineMs });
}
