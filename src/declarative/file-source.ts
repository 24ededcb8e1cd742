// Reads the bytes of a configuration file: a regular file of a bounded size. Whatever else stands
// under its name does not hold the process up.
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { readRegularFile } from '../node/regular-file.js';
import { ConfigurationError } from './file-configuration.js';

/**
 * Ten times what a large configuration has: parsing takes time by the square of the keys of a map.
 */
const MAX_BYTES = 65_536;

/** @throws {ConfigurationError} */
export function readSource(path: string): string {
  try {
    return readRegularFile(path, MAX_BYTES).toString();
  } catch (error) {
    throw explained(error);
  }
}

/** Without a wait of the event loop, for a file that has changed. @throws {ConfigurationError} */
export async function readSourceLater(path: string): Promise<string> {
  try {
    const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const stats = await file.stat();
      if (!stats.isFile()) throw new Error(`${path} is no file`);
      if (stats.size > MAX_BYTES) throw new Error(`${path} has more than ${MAX_BYTES} bytes`);
      return (await file.readFile()).toString();
    } finally {
      await file.close();
    }
  } catch (error) {
    throw explained(error);
  }
}

function explained(error: unknown): ConfigurationError {
  if (!(error instanceof Error)) return new ConfigurationError('it cannot be read');
  const code = 'code' in error ? String(error.code) : undefined;
  return new ConfigurationError(code === undefined ? error.message : `it cannot be read (${code})`);
}
