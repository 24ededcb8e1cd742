// Private folders: only this user and root can change them or any folder above them, so their
// content is as this user left it.
import { lstatSync, mkdirSync, realpathSync, type Stats, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

const WRITABLE_BY_OTHERS = 0o022;
const OPEN_TO_OTHERS = 0o077;
/**
 * In such a folder (the system's temporary one) users can neither rename nor remove what belongs to
 * others.
 */
const STICKY = 0o1000;

/**
 * The real path of a folder that is this user's alone; `undefined` when it does not exist.
 * @param owner the user whose it has to be, where it is not this one
 * @throws {Error} that says who else could change what is read there.
 */
export function privateFolder(folder: string, owner = process.geteuid?.()): string | undefined {
  const found = lstatSync(folder, { throwIfNoEntry: false });
  if (found === undefined) return undefined;
  if (!found.isDirectory()) throw new Error(`${folder} is no folder`);
  if (found.uid !== owner) throw new Error(`${folder} belongs to another user (uid ${found.uid})`);
  if ((found.mode & WRITABLE_BY_OTHERS) !== 0) throw new Error(`${folder} ${writableByOthers(found)}`);
  const real = realpathSync.native(folder);
  checkWayTo(dirname(real), owner);
  return real;
}

/**
 * Makes the folder, and those above it that are missing, for this user alone. Not by `recursive`,
 * which never ends below /proc (Node 20).
 * @throws {Error} when it cannot be made, or is not this user's alone.
 */
export function makePrivateFolder(folder: string): string {
  const missing: string[] = [];
  let at = resolve(folder);
  for (; statSync(at, { throwIfNoEntry: false }) === undefined && at !== dirname(at); at = dirname(at)) missing.push(at);
  if (missing.length > 0) checkWayTo(realpathSync.native(at));
  for (const each of missing.reverse()) makeFolder(each);
  const made = privateFolder(folder);
  if (made === undefined) throw new Error(`${folder} is gone`);
  return made;
}

/**
 * Makes a folder that no other user can even enter: for sockets, whose own modes not every system
 * looks at.
 * @throws {Error} as `makePrivateFolder` does, and when others can enter it.
 */
export function makeClosedFolder(folder: string): string {
  const made = makePrivateFolder(folder);
  checkClosed(made);
  return made;
}

/**
 * The real path of a folder that only this user can enter; `undefined` when it does not exist.
 * @throws {Error} that says who else could.
 */
export function closedFolder(folder: string, owner?: number): string | undefined {
  const found = privateFolder(folder, owner);
  if (found !== undefined) checkClosed(found);
  return found;
}

function checkClosed(folder: string): void {
  const { mode } = statSync(folder);
  if ((mode & OPEN_TO_OTHERS) !== 0) throw new Error(`${folder} can be entered by other users (mode ${(mode & 0o777).toString(8)})`);
}

/** Another process of this user may have made it meanwhile. */
function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  }
}

/** @param real a path without links; so is each folder on it. */
function checkWayTo(real: string, owner = process.geteuid?.()): void {
  for (let folder = real; ; folder = dirname(folder)) {
    const { uid, mode } = statSync(folder);
    if (uid !== 0 && uid !== owner) throw new Error(`${folder} belongs to another user (uid ${uid})`);
    if ((mode & WRITABLE_BY_OTHERS) !== 0 && (mode & STICKY) === 0) throw new Error(`${folder} ${writableByOthers({ mode })}`);
    if (folder === dirname(folder)) return;
  }
}

function writableByOthers({ mode }: Pick<Stats, 'mode'>): string {
  return `can be written by other users (mode ${(mode & 0o7777).toString(8)})`;
}
