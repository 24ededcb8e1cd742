// Reads a regular file whose path somebody else may have made: opening a pipe of that name would
// block the start for ever.
import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';

/** @throws {Error} when it cannot be read, or is no file. */
export function readRegularFile(path: string): Buffer {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    if (!fstatSync(fd).isFile()) throw new Error(`${path} is no file`);
    return readFileSync(fd);
  } finally {
    closeSync(fd);
  }
}
