// The file with V8's code cache of the bundle. V8 trusts its bytes: a flipped bit ends the process,
// and whoever can write them can run code in it. So the file holds the cache twice, and V8 gets it
// when both halves are equal and nobody but this user could change them. To compare them costs 0.5
// ms; a checksum in JavaScript, which nothing has compiled at that time, 3 ms; one of node:zlib or
// node:crypto 3 to 7 ms, most of it to load them.
import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  unlinkSync,
  writeFile,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { makePrivateFolder, privateFolder } from './node/private-folder.js';

/**
 * Each version of Node, each copy of this package and each set of flags leaves a file; the newest
 * are those still used.
 */
const KEPT_FILES = 32;
const MAX_BYTES = 64 * 1024 * 1024;
const CHUNK_BYTES = 64 * 1024;
/**
 * `flush` is fsync, from Node 20.10 on: what has its final name is whole also after a loss of
 * power.
 */
const NEW_FILE = { mode: 0o600, flag: 'wx', flush: true } as const;

export class CodeCache {
  readonly #folder: string;
  readonly #name: string;
  readonly #onRefusal: (reason: string) => void;
  #isRefused = false;
  /** The file that is being written. */
  #unfinished: string | undefined;

  /** @param onRefusal is told why the folder is not used */
  constructor(folder: string, name: string, onRefusal: (reason: string) => void) {
    this.#folder = folder;
    this.#name = name;
    this.#onRefusal = onRefusal;
  }

  /** `undefined` where there is no cache, or none to trust. Never throws. */
  read(): Buffer | undefined {
    try {
      const folder = privateFolder(this.#folder);
      return folder === undefined ? undefined : readOwnFile(join(folder, this.#name));
    } catch (error) {
      this.#refuse(error);
      return undefined;
    }
  }

  /**
   * Takes the place of whatever has the name of the file, and waits for the disk beside the event
   * loop. Never throws.
   * @param create makes the cache
   * @param onEnd is called when it is written, or cannot be
   */
  write(create: () => Buffer, onEnd: () => void): void {
    this.#put(create, (temporary, content, putInPlace) => {
      this.#unfinished = temporary;
      writeFile(temporary, content, NEW_FILE, (error) => {
        this.#unfinished = undefined;
        putInPlace(error);
        onEnd();
      });
    });
  }

  /** For the end of the process, also when `write` has not ended. Never throws. */
  writeNow(create: () => Buffer): void {
    const unfinished = this.#unfinished;
    if (unfinished !== undefined) attempt(() => unlinkSync(unfinished));
    this.#put(create, (temporary, content, putInPlace) => putInPlace(attempt(() => writeFileSync(temporary, content, NEW_FILE))));
  }

  #put(create: () => Buffer, store: (temporary: string, content: Buffer, putInPlace: (error: Error | null) => void) => void): void {
    if (this.#isRefused) return;
    try {
      const file = join(makePrivateFolder(this.#folder), this.#name);
      const temporary = `${file}.${Math.random().toString(36).slice(2)}`;
      const cache = create();
      store(temporary, Buffer.concat([cache, cache]), (error) => replace(file, temporary, error));
    } catch (error) {
      this.#refuse(error);
    }
  }

  #refuse(error: unknown): void {
    this.#isRefused = true;
    this.#onRefusal(error instanceof Error ? error.message : String(error));
  }
}

/**
 * The content of a file of this user, when both halves of it are equal. Opened once, not by a link,
 * and without waiting for the writer of a pipe.
 */
function readOwnFile(file: string): Buffer | undefined {
  let fd: number;
  try {
    fd = openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch {
    return undefined;
  }
  try {
    const stats = fstatSync(fd);
    const isOwn = stats.isFile() && stats.uid === process.geteuid?.() && (stats.mode & 0o022) === 0 && stats.nlink === 1;
    const isSized = stats.size > 0 && stats.size % 2 === 0 && stats.size <= MAX_BYTES;
    return isOwn && isSized ? readTwice(fd, stats.size / 2) : undefined;
  } finally {
    closeSync(fd);
  }
}

/** The second half in pieces, which need no new memory. */
function readTwice(fd: number, size: number): Buffer | undefined {
  const cache = Buffer.allocUnsafeSlow(size);
  if (!isFilled(fd, cache)) return undefined;
  const chunk = Buffer.allocUnsafeSlow(Math.min(CHUNK_BYTES, size));
  for (let at = 0; at < size; at += chunk.length) {
    const piece = chunk.subarray(0, size - at);
    if (!isFilled(fd, piece) || !piece.equals(cache.subarray(at, at + piece.length))) return undefined;
  }
  return cache;
}

function isFilled(fd: number, buffer: Buffer): boolean {
  for (let at = 0; at < buffer.length; ) {
    const read = readSync(fd, buffer, at, buffer.length - at, null);
    if (read === 0) return false;
    at += read;
  }
  return true;
}

function replace(file: string, temporary: string, error: Error | null): void {
  const failed = error ?? attempt(() => renameSync(temporary, file));
  if (failed !== null) attempt(() => unlinkSync(temporary));
  else attempt(() => removeOldest(join(file, '..')));
}

/** Also what processes left that ended while they wrote. */
function removeOldest(folder: string): void {
  const files = readdirSync(folder)
    .filter((name) => name.includes('.v8'))
    .map((name) => ({ path: join(folder, name), at: lstatSync(join(folder, name)).mtimeMs }))
    .sort((a, b) => b.at - a.at);
  for (const { path } of files.slice(KEPT_FILES)) unlinkSync(path);
}

function attempt(work: () => void): Error | null {
  try {
    work();
    return null;
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}
