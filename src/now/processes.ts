// Finds the preloaded processes on this machine by their sockets.
import { lstatSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { closedFolder } from '../node/private-folder.js';
import { socketFolders } from './socket-folder.js';
import { type FoundSocket, socketsIn } from './stale-sockets.js';

const OF_USER = /^sietch-otel-(\d{1,10})$/;

/** A process that can be asked. */
export interface PreloadedProcess extends FoundSocket {
  /** The user whose folder its socket is in. */
  readonly uid: number;
}

export interface Found {
  readonly processes: readonly PreloadedProcess[];
  /** Folders that are not used, each with the reason: another user could have put something there. */
  readonly refused: readonly string[];
}

/** The processes of this user, or those of all users: which only root can ask. */
export function findProcesses(ofAllUsers: boolean): Found {
  const own = process.geteuid?.();
  if (own === undefined) return { processes: [], refused: [] };
  const users = ofAllUsers ? [...new Set([own, ...otherUsers()])] : [own];
  const found = users.flatMap((uid) => socketFolders(uid).map((folder) => findIn(folder, uid)));
  const byPath = new Map(found.flatMap(({ processes }) => processes).map((process) => [process.path, process]));
  return { processes: [...byPath.values()].sort((one, other) => one.pid - other.pid), refused: found.flatMap(({ refused }) => refused) };
}

function findIn(folder: string, uid: number): Found {
  try {
    const real = closedFolder(folder, uid);
    const sockets = real === undefined ? [] : socketsIn(real).filter(({ path }) => isSocketOf(path, uid));
    return { processes: sockets.map((socket) => ({ ...socket, uid })), refused: [] };
  } catch (error) {
    return { processes: [], refused: [error instanceof Error ? error.message : String(error)] };
  }
}

function isSocketOf(path: string, uid: number): boolean {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  return stats?.isSocket() === true && stats.uid === uid;
}

function otherUsers(): number[] {
  const temporary = [tmpdir(), '/tmp'].flatMap(filesIn).flatMap((name) => OF_USER.exec(name)?.[1] ?? []);
  const runtime = filesIn('/run/user').filter((name) => /^\d{1,10}$/.test(name));
  return [...temporary, ...runtime].map(Number);
}

function filesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
