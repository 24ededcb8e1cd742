// The answers to `sietch-otel profile`: a CPU profile, sent in parts, or a heap snapshot, written to
// a file in the folder of this user's own.
import { randomBytes } from 'node:crypto';
import { statSync, unlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeHeapSnapshot } from 'node:v8';
import { makeClosedFolder } from '../node/private-folder.js';
import { type Handler, RefusedQuestion } from './call.js';
import { takeCpuProfile } from './cpu-profile.js';
import { MAX_SECONDS, MIN_SECONDS } from './profile-bounds.js';
import { folderBelow } from './socket-folder.js';

const PART_CHARACTERS = 256 * 1024;
/** A snapshot that nobody has taken away is removed. */
const KEEP_MS = 600_000;

/**
 * The parts before the answer are one JSON text, the profile. The first one is empty, as is that
 * before a heap snapshot: the question has been read.
 */
export const answerProfile: Handler = async ({ seconds }, { signal, sendPart }) => {
  if (typeof seconds !== 'number' || !(seconds >= MIN_SECONDS && seconds <= MAX_SECONDS)) {
    throw new RefusedQuestion(`expected seconds from ${MIN_SECONDS} to ${MAX_SECONDS}`);
  }
  await sendPart('');
  const taken = await takeCpuProfile(seconds * 1_000, signal);
  if (taken === undefined) return undefined;
  const text = JSON.stringify(taken.profile);
  for (let at = 0; at < text.length; at += PART_CHARACTERS) await sendPart(text.slice(at, at + PART_CHARACTERS));
  return { routes: [...taken.routes].map(([name, milliseconds]) => ({ name, milliseconds })) };
};

/** Blocks this process for as long as it takes. */
export const answerHeap: Handler = async (_question, { sendPart }) => {
  const uid = process.geteuid?.();
  if (uid === undefined)
    throw new RefusedQuestion('a heap snapshot needs a folder that no other user can enter, which this platform has not');
  await sendPart('');
  const file = writeSnapshot(uid);
  const remove = () => removeFile(file);
  setTimeout(remove, KEEP_MS).unref();
  // That whoever asked has gone meanwhile is known when something is sent.
  await sendPart('').catch((error: unknown) => {
    remove();
    throw error;
  });
  return { file, bytes: statSync(file).size };
};

function writeSnapshot(uid: number): string {
  let file: string | undefined;
  try {
    file = join(makeClosedFolder(folderBelow(tmpdir(), uid)), `heap-${process.pid}-${randomBytes(8).toString('hex')}.heapsnapshot`);
    writeHeapSnapshot(file);
    return file;
  } catch (error) {
    if (file !== undefined) removeFile(file);
    throw new RefusedQuestion(`the heap snapshot could not be written: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function removeFile(file: string): void {
  try {
    unlinkSync(file);
  } catch {
    // It has been taken away.
  }
}
