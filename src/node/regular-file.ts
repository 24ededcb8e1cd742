// Reads a regular file whose path somebody else may have made: opening a pipe of that name would
// block the start for ever.
import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';

/** @throws {Error} when it cannot be read, is no file, or is longer than it may be. */
export function readRegularFile(path: string, maxBytes = Number.POSITIVE_INFINITY): Buffer {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const stats = fstatSync(fd);
    if (!stats.isFile()) throw new Error(`${path} is no file`);
    if (stats.size > maxBytes) throw new Error(`${path} has more than ${maxBytes} bytes`);
    return readFileSync(fd);
  } finally {
    closeSync(fd);
  }
}
