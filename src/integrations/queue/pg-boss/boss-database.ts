// The database of a pg-boss instance, reached by what the instance itself uses: nothing but
// `executeSql` is called, on the connections of the app.
import { withHardDeadline } from '../../../node/deadline.js';

/** The members of an instance that are used; `getDb` is there from pg-boss 10 on. */
export interface BossInstance {
  getDb?(): unknown;
  readonly db?: unknown;
}

type Row = Readonly<Record<string, unknown>>;

interface Database {
  executeSql(text: string): unknown;
  readonly config?: { readonly schema?: unknown };
}

/** The server gives a question up after this time; to wait for a connection may take as long again. */
const LIMIT_MS = 1_000;
/** A name that pg-boss accepts; it is put into statements. */
const SCHEMA = /^\w{1,63}$/;
/** For an app that gives pg-boss a database of its own: the schema is where the type of its states is. */
const FIND_SCHEMA = `
  SELECT min(space.nspname) AS schema, count(*)::int AS found
  FROM pg_type AS type JOIN pg_namespace AS space ON space.oid = type.typnamespace
  WHERE type.typname = 'job_state' AND type.typtype = 'e'`;

/** Undefined where the instance does not show it. */
export function databaseOf(boss: BossInstance): BossDatabase | undefined {
  const database = shownDatabase(boss);
  return isDatabase(database) ? new BossDatabase(database) : undefined;
}

/** What runs the statements of an instance: pg-boss' own class, or the app's. */
export function shownDatabase(boss: BossInstance): unknown {
  return typeof boss.getDb === 'function' ? boss.getDb() : boss.db;
}

export class BossDatabase {
  readonly #database: Database;
  /** A question was not answered yet: none is put beside it, be its time over or not. */
  #isAsking = false;

  constructor(database: Database) {
    this.#database = database;
  }

  /**
   * The schema that pg-boss keeps its tables in.
   * @throws {Error} where there are several, and nothing says which
   */
  async schema(): Promise<string> {
    const configured = this.#database.config?.schema;
    if (typeof configured === 'string' && SCHEMA.test(configured)) return configured;
    const [row] = await this.ask(FIND_SCHEMA);
    const schema = row?.['schema'];
    if (Number(row?.['found']) !== 1 || typeof schema !== 'string' || !SCHEMA.test(schema)) throw new Error('No single schema of pg-boss');
    return schema;
  }

  /**
   * The rows of one statement.
   * @throws {Error} what the database says, and after two seconds
   */
  async ask(text: string): Promise<readonly Row[]> {
    if (this.#isAsking) throw new Error('The last question was not answered');
    this.#isAsking = true;
    return rowsOf(await withHardDeadline(this.#send(text), LIMIT_MS * 2));
  }

  async #send(text: string): Promise<unknown> {
    try {
      // One request, hence one transaction: the limit ends with it.
      return await this.#database.executeSql(`SET LOCAL statement_timeout = ${LIMIT_MS}; ${text}`);
    } finally {
      this.#isAsking = false;
    }
  }
}

/** pg gives a list of results for several statements. */
function rowsOf(answer: unknown): readonly Row[] {
  const results: readonly unknown[] = Array.isArray(answer) ? answer : [answer];
  return results.flatMap((result): Row[] => {
    const rows: unknown = typeof result === 'object' && result !== null ? Reflect.get(result, 'rows') : undefined;
    return Array.isArray(rows) ? rows : [];
  });
}

function isDatabase(value: unknown): value is Database {
  return typeof value === 'object' && value !== null && 'executeSql' in value && typeof value.executeSql === 'function';
}
