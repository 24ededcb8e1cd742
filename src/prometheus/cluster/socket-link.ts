// A local socket between processes that have no common parent of ours: one JSON message a line. It never keeps a process alive.
import type { Socket } from 'node:net';
import type { Link } from './link.js';
import { envelope, type Message, readMessage } from './messages.js';

/** A longer line is none of ours. */
const MAX_LINE_LENGTH = 64 * 1024 * 1024;
/** Whoever does not read what it is sent is cut off. */
const MAX_UNSENT_BYTES = 64 * 1024 * 1024;

export function linkOver(socket: Socket): Link {
  socket.unref();
  socket.setEncoding('utf8');
  socket.on('error', () => {});
  const listeners: ((message: Message) => void)[] = [];
  readLines(socket, (line) => {
    const message = readMessage(parse(line));
    // A listener may bring another: that one gets the next message, also when it came in the same piece.
    if (message !== undefined) for (const listener of [...listeners]) listener(message);
  });
  return {
    send: (message) =>
      new Promise((resolve) => {
        if (socket.writableLength > MAX_UNSENT_BYTES) socket.destroy();
        if (socket.writable) socket.write(`${JSON.stringify(envelope(message))}\n`, () => resolve());
        else resolve();
      }),
    onMessage: (listener) => void listeners.push(listener),
    onClose: (listener) => socket.once('close', () => listener()),
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
