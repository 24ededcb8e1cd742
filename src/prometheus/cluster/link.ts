// Connections between the processes of a group: the IPC channel of node:cluster, or a local socket
// under PM2. Neither keeps a process alive.
import type { ChildProcess } from 'node:child_process';
import type { Socket } from 'node:net';
import { addHiddenListener } from '../../node/hidden-process-listeners.js';
import { envelope, type Message, readMessage } from './messages.js';

export interface Link {
  /** Resolves when the message is on its way or cannot be sent; never rejects. */
  send(message: Message): Promise<void>;
  onMessage(listener: (message: Message) => void): void;
  /** Called once, after the last message. */
  onClose(listener: () => void): void;
}

/** A longer line is none of ours. */
const MAX_LINE_LENGTH = 64 * 1024 * 1024;
/** A peer that does not read what it is sent is disconnected. */
const MAX_UNSENT_BYTES = 64 * 1024 * 1024;

/** In the primary of node:cluster. */
export function linkToWorker(worker: ChildProcess): Link {
  return {
    send: (message) => sendOver(worker, message),
    onMessage: (listener) => void worker.on('internalMessage', readingMessages(listener)),
    onClose: (listener) => void worker.once('disconnect', listener),
  };
}

/** In a worker of node:cluster. */
export function linkToPrimary(): Link {
  return {
    send: (message) => sendOver(process, message),
    onMessage: (listener) => void addHiddenListener('internalMessage', readingMessages(listener)),
    onClose(listener) {
      const stop = addHiddenListener('disconnect', () => {
        stop();
        listener();
      });
    },
  };
}

interface IpcChannel {
  readonly connected: boolean;
  send?(message: object, handle: undefined, options: undefined, callback: () => void): boolean;
}

function sendOver(channel: IpcChannel, message: Message): Promise<void> {
  return new Promise((resolve) => {
    if (channel.send !== undefined && channel.connected) channel.send(envelope(message), undefined, undefined, () => resolve());
    else resolve();
  });
}

/** One JSON message a line. */
export function linkOverSocket(socket: Socket): Link {
  socket.unref();
  socket.setEncoding('utf8');
  socket.on('error', () => {});
  const listeners: ((received: unknown) => void)[] = [];
  readLines(socket, (line) => {
    const received = parse(line);
    // A listener that is added by another gets the next message, also when it came in the same
    // chunk.
    for (const listener of [...listeners]) listener(received);
  });
  return {
    send: (message) =>
      new Promise((resolve) => {
        if (socket.writableLength > MAX_UNSENT_BYTES) socket.destroy();
        if (socket.writable) socket.write(`${JSON.stringify(envelope(message))}\n`, () => resolve());
        else resolve();
      }),
    onMessage: (listener) => void listeners.push(readingMessages(listener)),
    onClose: (listener) => void socket.once('close', () => listener()),
  };
}

function readingMessages(listener: (message: Message) => void): (received: unknown) => void {
  return (received) => {
    const message = readMessage(received);
    if (message !== undefined) listener(message);
  };
}

function readLines(socket: Socket, onLine: (line: string) => void): void {
  let rest = '';
  socket.on('data', (chunk) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > MAX_LINE_LENGTH) socket.destroy();
    for (const line of lines) onLine(line);
  });
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
