// Finds the sockets that dead processes have left, and removes them: a process that is killed
// cannot take its own away.
import { lstatSync, readdirSync, unlinkSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { untraced } from '../context/untraced.js';
import { isRunning } from '../node/running-process.js';
import { type NamedProcess, processOf } from './socket-folder.js';

/** Sockets that are looked at: each process that starts takes some more away. */
const MAX_LOOKED_AT = 100;
const CONNECT_MS = 1_000;
/** A socket that is being opened refuses connections for a moment. */
const MIN_AGE_MS = 2_000;

/**
 * Removes the sockets in a folder of this user whose processes have ended. Never rejects.
 * @param own the socket of this process
 */
export async function removeStaleSockets(folder: string, own: string): Promise<void> {
  const paths = socketsIn(folder).flatMap(({ path, pid }) => (path !== own && (pid === process.pid || !isRunning(pid)) ? [path] : []));
  for (const path of paths.slice(0, MAX_LOOKED_AT)) await removeIfStale(path);
}

/** A socket of a process. */
export interface FoundSocket extends NamedProcess {
  readonly path: string;
}

/** The sockets of processes in a folder; none when it cannot be read. */
export function socketsIn(folder: string): FoundSocket[] {
  try {
    return readdirSync(folder).flatMap((file) => {
      const process = processOf(file);
      return process === undefined ? [] : [{ ...process, path: join(folder, file) }];
    });
  } catch {
    return [];
  }
}

/** Removes a socket that nobody listens on any more. */
async function removeIfStale(path: string): Promise<void> {
  if (await isRefused(path)) removeRefused(path);
}

/**
 * Removes a socket that has refused a connection. A process of another container may have its
 * socket in the same folder, so that no process of its id is found here.
 */
export function removeRefused(path: string): void {
  try {
    const stats = lstatSync(path);
    if (stats.isSocket() && Date.now() - stats.ctimeMs > MIN_AGE_MS) unlinkSync(path);
  } catch {
    // Another process has removed it.
  }
}

function isRefused(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = untraced(() => connect(path));
    socket.unref();
    socket.setTimeout(CONNECT_MS, () => socket.destroy());
    socket.once('connect', () => socket.destroy());
    socket.once('error', (error) => resolve('code' in error && error.code === 'ECONNREFUSED'));
    socket.once('close', () => resolve(false));
  });
}
