// The SQLite of Node.js, as far as a store's file needs it. Built in from Node.js 22.13 on, so that
// nothing has to be installed or compiled; packages for Node.js 20 are compiled at their install.

export interface Database {
  exec(sql: string): void;
  prepare(sql: string): Statement;
  close(): void;
}

export interface Statement {
  run(...parameters: readonly (string | number)[]): unknown;
  get(...parameters: readonly (string | number)[]): unknown;
  iterate(...parameters: readonly (string | number)[]): Iterable<unknown>;
}

interface SqliteModule {
  readonly DatabaseSync: new (path: string) => Database;
}

/** @throws {Error} that says what is needed, where Node.js has none. */
export function openDatabase(path: string): Database {
  const found: object | undefined = process.getBuiltinModule?.('node:sqlite');
  if (!isSqlite(found)) throw new Error(`\`--store\` needs the SQLite of Node.js 22.13 or later; this is Node.js ${process.versions.node}`);
  return new found.DatabaseSync(path);
}

function isSqlite(found: object | undefined): found is SqliteModule {
  return found !== undefined && 'DatabaseSync' in found && typeof found.DatabaseSync === 'function';
}
