// Files that a profile is written to: new ones, in the current folder, for this user alone.
import { closeSync, constants, fstatSync, openSync, readSync, unlinkSync, writeSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { closedFolder } from '../../node/private-folder.js';
import { folderBelow } from '../../now/socket-folder.js';

const OWNER_ONLY = 0o600;
const CHUNK_BYTES = 1024 * 1024;
const SNAPSHOT = /^heap-\d+-[0-9a-f]+\.heapsnapshot$/;

/** The time, to the second, as it can be part of a file's name. */
export function timeInName(now: Date): string {
  return now.toISOString().slice(0, 19).replaceAll(':', '-');
}

/** @throws {Error} when it exists, or cannot be written as a whole: then nothing is left of it */
export function writePrivateFile(file: string, content: Iterable<Uint8Array>): number {
  const descriptor = openSync(file, 'wx', OWNER_ONLY);
  let bytes = 0;
  try {
    for (const chunk of content) {
      for (let at = 0; at < chunk.length; ) at += writeSync(descriptor, chunk, at);
      bytes += chunk.length;
    }
  } catch (error) {
    unlinkSync(file);
    throw error;
  } finally {
    closeSync(descriptor);
  }
  return bytes;
}

/**
 * Moves a heap snapshot to a file of its own. Read and written anew: where root asks a process of
 * another user, what that one names could be a link to anything.
 * @param owner the user of the process that has written it
 * @throws {Error} when it is no snapshot of that user, or cannot be moved
 */
export function moveSnapshot(from: string, to: string, owner: number): number {
  const folder = dirname(from);
  const isInPlace = SNAPSHOT.test(basename(from)) && folder === folderBelow(dirname(folder), owner);
  if (!isInPlace || closedFolder(folder, owner) === undefined) {
    throw new Error('the process names a file that is no heap snapshot of its own; it has to run in the same container as this command');
  }
  const descriptor = openSync(from, constants.O_RDONLY | constants.O_NOFOLLOW);
  try {
    const stats = fstatSync(descriptor);
    if (!stats.isFile() || stats.uid !== owner || stats.nlink !== 1) throw new Error(`${from} is no file of the process`);
    return writePrivateFile(to, chunksOf(descriptor));
  } finally {
    closeSync(descriptor);
    unlinkSync(from);
  }
}

function* chunksOf(descriptor: number): Generator<Uint8Array> {
  const buffer = Buffer.allocUnsafe(CHUNK_BYTES);
  for (let read = readSync(descriptor, buffer); read > 0; read = readSync(descriptor, buffer)) yield buffer.subarray(0, read);
}
