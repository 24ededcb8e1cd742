// The IPC channel between the primary of node:cluster and a worker.
import type { ChildProcess } from 'node:child_process';
import { addHiddenListener } from '../../node/hidden-process-listeners.js';
import type { Link } from './link.js';
import { envelope, readMessage } from './messages.js';

/** In the primary. */
export function linkToWorker(worker: ChildProcess): Link {
  return {
    send: (message) =>
      new Promise((resolve) => {
        if (worker.connected) worker.send(envelope(message), undefined, undefined, () => resolve());
        else resolve();
      }),
    onMessage(listener) {
      worker.on('internalMessage', (received: unknown) => {
        const message = readMessage(received);
        if (message !== undefined) listener(message);
      });
    },
    onClose: (listener) => worker.once('disconnect', listener),
  };
}

/** In a worker. */
export function linkToPrimary(): Link {
  return {
    send: (message) =>
      new Promise((resolve) => {
        if (process.send !== undefined && process.connected) process.send(envelope(message), undefined, undefined, () => resolve());
        else resolve();
      }),
    onMessage(listener) {
      addHiddenListener('internalMessage', (received: unknown) => {
        const message = readMessage(received);
        if (message !== undefined) listener(message);
      });
    },
    onClose(listener) {
      const stop = addHiddenListener('disconnect', () => {
        stop();
        listener();
      });
    },
  };
}
