// Reads depth and age of all queues of one pg-boss instance. Jobs that wait are counted each time,
// by the index that pg-boss itself fetches by. The other states take a scan of its table, which
// keeps jobs for days after their end: they are counted so seldom that it takes a hundredth of one
// connection at most, and not at all where the server needs more than a second for it.
import type { BossDatabase } from './boss-database.js';

/** The jobs of one queue, in BullMQ's words. */
export interface BossCounts {
  waiting: number;
  delayed: number;
  /** Seconds that the oldest of those has waited that could be worked on. */
  oldestWaiting: number;
}

export const STATES = ['waiting', 'delayed', 'active', 'completed', 'cancelled', 'failed'] as const;
const SCANNED = ['active', 'completed', 'cancelled', 'failed'] as const;
type ScannedState = (typeof SCANNED)[number];
export type ScannedCounts = Readonly<Record<ScannedState, number>>;

export interface BossReading {
  readonly waiting: ReadonlyMap<string, BossCounts>;
  /** Undefined while they have not been counted. */
  readonly scanned: ReadonlyMap<string, ScannedCounts> | undefined;
}

/** Share of the time that scans may take. */
const SCAN_SHARE = 0.01;
/** Queues of one instance that are read. */
const MAX_QUEUES = 1_000;
/** pg-boss' own queues are the others. */
const OF_APP = `name NOT LIKE '\\_\\_pgboss\\_\\_%'`;

/** What differs from version to version. */
interface JobTable {
  /** With its schema. */
  readonly name: string;
  /** The column that says from when on a job may be worked on. */
  readonly due: string;
  /** The condition of pg-boss' own index; in later versions of 12 a job may wait for others. */
  readonly waits: string;
}

export class BossReader {
  readonly #database: BossDatabase;
  #table: JobTable | undefined;
  #scanned: ReadonlyMap<string, ScannedCounts> | undefined;
  #scanAgainAt = Number.NEGATIVE_INFINITY;

  constructor(database: BossDatabase) {
    this.#database = database;
  }

  /** Rejects when the database did not answer in time, and until pg-boss has made its tables. */
  async read(): Promise<BossReading> {
    this.#table ??= await this.#findTable();
    const waiting = await this.#readWaiting(this.#table);
    if (performance.now() >= this.#scanAgainAt) await this.#scan(this.#table);
    return { waiting, scanned: this.#scanned };
  }

  async #findTable(): Promise<JobTable> {
    const schema = await this.#database.schema();
    const rows = await this.#database.ask(
      `SELECT column_name AS name FROM information_schema.columns
       WHERE table_schema = '${schema}' AND table_name = 'job' AND column_name IN ('startafter', 'start_after', 'blocked')`,
    );
    const has = (column: string) => rows.some(({ name }) => name === column);
    const due = ['start_after', 'startafter'].find(has);
    if (due === undefined) throw new Error('No table of jobs yet');
    return {
      name: `${schema}.job`,
      due,
      waits: has('blocked') ? "state < 'active' AND NOT blocked" : "state < 'active'",
    };
  }

  async #readWaiting({ name, due, waits }: JobTable): Promise<Map<string, BossCounts>> {
    const rows = await this.#database.ask(
      `SELECT name, (count(*) FILTER (WHERE ${due} <= now()))::int AS waiting, (count(*) FILTER (WHERE ${due} > now()))::int AS delayed,
         coalesce(extract(epoch FROM now() - min(${due})), 0)::float8 AS oldest
       FROM ${name} WHERE ${waits} AND ${OF_APP} GROUP BY name ORDER BY name LIMIT ${MAX_QUEUES}`,
    );
    return new Map(
      rows.map((row) => [
        String(row['name']),
        { waiting: Number(row['waiting']), delayed: Number(row['delayed']), oldestWaiting: Math.max(0, Number(row['oldest'])) },
      ]),
    );
  }

  /** What an earlier scan has found is dropped when one fails. */
  async #scan({ name: table }: JobTable): Promise<void> {
    const startedAt = performance.now();
    this.#scanned = undefined;
    try {
      const rows = await this.#database.ask(
        `SELECT name, state::text AS state, count(*)::int AS jobs FROM ${table} WHERE state >= 'active' AND ${OF_APP}
         GROUP BY name, state ORDER BY name LIMIT ${MAX_QUEUES * SCANNED.length}`,
      );
      const scanned = new Map<string, Record<ScannedState, number>>();
      for (const { name, state, jobs } of rows) {
        const counts = scanned.get(String(name)) ?? { active: 0, completed: 0, cancelled: 0, failed: 0 };
        // Up to pg-boss 9 a job that has taken too long for the last time has a state of its own.
        const known = state === 'expired' ? 'failed' : SCANNED.find((one) => one === state);
        if (known !== undefined) counts[known] += Number(jobs);
        scanned.set(String(name), counts);
      }
      this.#scanned = scanned;
    } catch {
      // There is no number for these states, which says that it was not counted.
    } finally {
      const now = performance.now();
      this.#scanAgainAt = now + (now - startedAt) / SCAN_SHARE;
    }
  }
}
