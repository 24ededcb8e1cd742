// The folders of the sockets by which processes answer `sietch-otel now`: each user has one of its
// own, that no other user can enter.
import { lstatSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { makeClosedFolder } from '../node/private-folder.js';

/** The longest path of a socket that the system takes; Node.js would cut a longer one off. */
const MAX_PATH_BYTES = process.platform === 'linux' ? 107 : 103;
const NAME = /^now-([1-9]\d{0,9})-[a-z0-9]+(?:-([\w.-]+))?\.sock$/;
const MAX_SERVICE_LENGTH = 40;
const OPEN_TO_OTHERS = 0o077;

/** What the name of a socket tells. */
export interface NamedProcess {
  readonly pid: number;
  /** The begin of the service's name, in its letters, digits and `_.-`. */
  readonly service: string;
}

/**
 * A path for a new socket of this process. It tells who a process is that cannot answer; the random
 * part keeps processes apart that have the same id, in containers that share a folder.
 * @throws {Error} when there is no folder for it that is this user's alone, or the path is too long
 */
export function newSocketPath(uid: number, service: string): string {
  const runtime = runtimeFolder(uid);
  const folder = makeClosedFolder(runtime === undefined ? folderBelow(tmpdir(), uid) : join(runtime, 'sietch-otel'));
  const name = `now-${process.pid}-${Math.random().toString(36).slice(2, 8)}`;
  const bytes = Buffer.byteLength(join(folder, `${name}.sock`));
  const room = MAX_PATH_BYTES - bytes;
  if (room < 0) throw new Error(`${join(folder, `${name}.sock`)} has ${bytes} bytes, and the path of a socket may have ${MAX_PATH_BYTES}`);
  const suffix = `-${nameInPath(service)}`.slice(0, room);
  return join(folder, `${name}${suffix.length > 1 ? suffix : ''}.sock`);
}

/** The name of a service as it is in the path of its sockets, which may have less of it. */
export function nameInPath(service: string): string {
  return service.replaceAll(/[^\w.-]+/g, '_').slice(0, MAX_SERVICE_LENGTH);
}

/**
 * Where processes of a user may have their sockets. Those that somebody asks may run in another
 * environment than the one who asks: a service has no XDG_RUNTIME_DIR.
 */
export function socketFolders(uid: number): string[] {
  const runtime = [...new Set([runtimeFolder(uid) ?? '', `/run/user/${uid}`])].filter((folder) => folder !== '');
  const temporary = [...new Set([tmpdir(), '/tmp'])];
  return [...runtime.map((folder) => join(folder, 'sietch-otel')), ...temporary.map((folder) => folderBelow(folder, uid))];
}

/** What the name of a file tells of a process; `undefined` for what is no socket of one. */
export function processOf(file: string): NamedProcess | undefined {
  const [, pid, service = ''] = NAME.exec(file) ?? [];
  return pid === undefined ? undefined : { pid: Number(pid), service };
}

export function folderBelow(folder: string, uid: number): string {
  return join(folder, `sietch-otel-${uid}`);
}

/** The user's folder for such files, unless the variable is left from another user (`sudo -E`). */
function runtimeFolder(uid: number): string | undefined {
  const folder = process.env['XDG_RUNTIME_DIR'] ?? '';
  if (!isAbsolute(folder)) return undefined;
  const stats = lstatSync(folder, { throwIfNoEntry: false });
  const isOwn = stats?.isDirectory() === true && stats.uid === uid && (stats.mode & OPEN_TO_OTHERS) === 0;
  return isOwn ? folder : undefined;
}
