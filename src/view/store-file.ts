// Keeps what was received in a file, across restarts of the viewer: each export as OTLP JSON in a
// row. Bounded in bytes: the oldest exports go first.

import { closeSync, openSync } from 'node:fs';
import { readTelemetry } from './otlp-telemetry.js';
import { otlpRequests } from './otlp-writer.js';
import { type Database, openDatabase, type Statement } from './sqlite.js';
import { SIGNALS, type Telemetry } from './telemetry.js';

/** "SIET": tells the file of another program. */
const APPLICATION_ID = 0x53494554;
const FLUSH_MS = 250;
/** The bound of what waits to be written; exports beyond it are not written. */
const MAX_WAITING_BYTES = 64 * 1024 * 1024;

interface Waiting {
  readonly signal: string;
  readonly body: string;
}

export class StoreFile {
  readonly #database: Database;
  readonly #maxBytes: number;
  readonly #insert: Statement;
  readonly #onFailure: (message: string) => void;
  #waiting: Waiting[] = [];
  #waitingBytes = 0;
  #bytes = 0;
  #timer: NodeJS.Timeout | undefined;
  #hasFailed = false;

  /**
   * Opens the file, or makes it, readable for its owner alone.
   * @param onFailure called once, when it could not be written: nothing is written any more
   * @throws {Error} when it is not such a file, or SQLite is not there.
   */
  constructor(path: string, maxBytes: number, onFailure: (message: string) => void) {
    this.#maxBytes = maxBytes;
    this.#onFailure = onFailure;
    closeSync(openSync(path, 'a', 0o600));
    this.#database = openDatabase(path);
    try {
      prepareFile(this.#database);
      this.#insert = this.#database.prepare('INSERT INTO export (signal, body) VALUES (?, ?)');
      this.#bytes = numberOf(this.#database.prepare('SELECT coalesce(sum(length(body)), 0) AS value FROM export').get());
    } catch (error) {
      this.#database.close();
      throw new Error(`${path} cannot be used for \`--store\`: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  /** Calls `add` with each export of the file, the oldest first. */
  load(add: (telemetry: Telemetry) => void): void {
    for (const row of this.#database.prepare('SELECT signal, body FROM export ORDER BY id').iterate()) {
      const { signal, body } = rowOf(row);
      const known = SIGNALS.find((each) => each === signal);
      if (known !== undefined) add(readTelemetry(known, 'json', Buffer.from(body)));
    }
  }

  add(telemetry: Telemetry): void {
    if (this.#hasFailed) return;
    for (const { signal, body } of otlpRequests(telemetry)) {
      this.#waiting.push({ signal, body });
      this.#waitingBytes += body.length;
    }
    if (this.#waitingBytes > MAX_WAITING_BYTES) this.#flush();
    else this.#timer ??= setTimeout(() => this.#flush(), FLUSH_MS);
  }

  close(): void {
    this.#flush();
    this.#database.close();
  }

  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#waitingBytes = 0;
    if (waiting.length === 0 || this.#hasFailed) return;
    try {
      this.#write(waiting);
    } catch (error) {
      this.#hasFailed = true;
      this.#onFailure(error instanceof Error ? error.message : String(error));
    }
  }

  #write(waiting: readonly Waiting[]): void {
    this.#database.exec('BEGIN');
    for (const { signal, body } of waiting) {
      this.#insert.run(signal, body);
      this.#bytes += body.length;
    }
    if (this.#bytes > this.#maxBytes) this.#dropOldest();
    this.#database.exec('COMMIT');
  }

  /** A tenth more than needed. */
  #dropOldest(): void {
    let last = 0;
    for (const row of this.#database.prepare('SELECT id AS value, length(body) AS bytes FROM export ORDER BY id').iterate()) {
      if (this.#bytes <= this.#maxBytes * 0.9) break;
      last = numberOf(row);
      this.#bytes -= numberOf(row, 'bytes');
    }
    this.#database.prepare('DELETE FROM export WHERE id <= ?').run(last);
  }
}

function prepareFile(database: Database): void {
  const id = numberOf(database.prepare('PRAGMA application_id').get(), 'application_id');
  const tables = numberOf(database.prepare('SELECT count(*) AS value FROM sqlite_master').get());
  if (tables > 0 && id !== APPLICATION_ID) throw new Error('it is a database of another program');
  database.exec(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;
    CREATE TABLE IF NOT EXISTS export (id INTEGER PRIMARY KEY, signal TEXT NOT NULL, body TEXT NOT NULL)`);
}

function numberOf(row: unknown, column = 'value'): number {
  const value = columnOf(row, column);
  return typeof value === 'number' ? value : 0;
}

function rowOf(row: unknown): Waiting {
  return { signal: String(columnOf(row, 'signal')), body: String(columnOf(row, 'body')) };
}

function columnOf(row: unknown, column: string): unknown {
  return typeof row === 'object' && row !== null && column in row ? Reflect.get(row, column) : undefined;
}
