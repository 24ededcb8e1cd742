// Writes our lines to stderr without an effect on the app: no `error` event on `process.stderr`, no
// wait for a reader, no loading of Node's streams. A line that cannot be written at once is dropped
// and counted.
import { closeSync, constants, fstatSync, openSync, type Stats, writeSync } from 'node:fs';
import { mayBeBuiltinLoaded } from '../node/builtin-modules.js';
import { isMainThread } from '../node/main-thread.js';
import { counted } from './plural.js';

const STDERR = 2;
/** Lines lost since the last one that was written. */
let lost = 0;
/** The last write left a part of a line. */
let isTorn = false;

/**
 * Writes one line. Never throws, never waits: stderr may be closed, a full disk, or a pipe that
 * nobody reads.
 */
export function writeLine(line: string): void {
  const notice =
    lost === 0
      ? ''
      : `[sietch-otel] warn SIETCH140 lines of the distribution could not be written, since stderr was full, blocked or closed: ${counted(lost, 'lines')} before this one Remedy: let the reader of stderr keep up, or free its disk\n`;
  try {
    lost = isWritten(`${isTorn ? '\n' : ''}${notice}${line}\n`) ? 0 : lost + 1;
  } catch {
    lost += 1;
  }
}

function isWritten(text: string): boolean {
  if (mayBeOpened()) {
    const stream = process.stderr;
    if (isReplaced(stream)) return isWrittenByReplacement(stream, text);
    // The app's own lines wait for the reader: ours would come in the middle of one.
    if (isMainThread && stream.writableLength > 0) return false;
  }
  const stats = fstatSync(STDERR);
  const reopened = stats.isFile() || stats.isSocket() ? undefined : openWithoutWaiting(stats);
  try {
    const bytes = Buffer.from(text);
    const written = writeSync(reopened ?? STDERR, bytes);
    isTorn = written < bytes.length;
    return !isTorn;
  } finally {
    if (reopened !== undefined) closeSync(reopened);
  }
}

/**
 * Whether `process.stderr` may be there already. To make it loads `net` for 5 ms of CPU. Where
 * `net` is loaded it is made here: then libuv has switched pipes and sockets to non-blocking, as a
 * `console.error` of the app does. A socket that was full before the process began can hold up a
 * script without `net`.
 */
function mayBeOpened(): boolean {
  return mayBeBuiltinLoaded('net') || mayBeBuiltinLoaded('internal/fs/sync_write_stream');
}

/**
 * Whether a test runner or logger has put a function or a stream of its own in place to capture the
 * output.
 */
function isReplaced(stream: object): boolean {
  return Object.hasOwn(stream, 'write') || (isMainThread && Reflect.get(stream, 'fd') !== STDERR);
}

/** Writes by a Console, which swallows the errors of the stream. */
function isWrittenByReplacement(stream: NodeJS.WriteStream, text: string): true {
  const { Console }: typeof import('node:console') = require('node:console');
  new Console(stream).error(text.slice(0, -1));
  return true;
}

/**
 * A pipe or terminal once more, as an open file of our own: only that one is non-blocking, not the
 * one that is shared with other processes. Linux only, and not where the pipe belongs to another
 * user, as in containers that do not run as root.
 * @throws {Error} when nobody reads the pipe any more.
 */
function openWithoutWaiting(stats: Stats): number | undefined {
  if (process.platform !== 'linux') return undefined;
  try {
    return openSync('/proc/self/fd/2', constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  } catch (error) {
    if (stats.isFIFO() && error instanceof Error && 'code' in error && error.code === 'ENXIO') throw error;
    return undefined;
  }
}
