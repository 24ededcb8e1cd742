// The live state of this process as `sietch-otel now` shows it: who holds live objects registers how
// they are read, and nothing is read until somebody asks.
import { running } from './running-operations.js';

/** Ages and waits are seconds; names and statements carry no values. */
export interface OpenRequest {
  readonly method: string;
  /** `http.route`; undefined while no route is known. */
  readonly route: string | undefined;
  readonly age: number;
  readonly traceId: string | undefined;
  readonly waitsFor: string;
}

export interface ActiveJob {
  readonly queue: string;
  readonly id: string;
  readonly attempt: number;
  readonly age: number;
  readonly traceId: string | undefined;
  /** What its processor last told by `step()` or progress; undefined where it tells nothing. */
  readonly step: string | undefined;
  readonly lockExpiresIn: number | undefined;
  readonly waitsFor: string;
}

/** One client of a pool that is in use. */
export interface PoolClient {
  /** Route or queue of the operation that checked it out. */
  readonly holder: string | undefined;
  readonly traceId: string | undefined;
  readonly heldFor: number;
  readonly statement: string | undefined;
  readonly statementAge: number | undefined;
  readonly idleInTransactionFor: number | undefined;
  /** Where it was checked out, with `SIETCH_OTEL_PG_CHECKOUT_STACKS=on`. */
  readonly stack: string | undefined;
}

export interface PoolState {
  readonly library: string;
  readonly name: string;
  readonly size: number;
  readonly max: number | undefined;
  readonly idle: number;
  readonly waiting: number;
  readonly clients: readonly PoolClient[];
}

export interface RedisConnection {
  readonly library: string;
  readonly address: string;
  readonly status: string;
  readonly inFlight: number;
  readonly offlineQueue: number;
  readonly oldestCommand: string | undefined;
  readonly oldestAge: number | undefined;
}

export interface BreakerNow {
  readonly name: string;
  readonly state: string;
  readonly nextProbeIn: number | undefined;
}

/** What the integrations tell; what the SDK and Node.js know is added by the server. */
export interface LiveSections {
  readonly requests: readonly OpenRequest[];
  readonly jobs: readonly ActiveJob[];
  readonly pools: readonly PoolState[];
  readonly redis: readonly RedisConnection[];
  readonly breakers: readonly BreakerNow[];
}

/**
 * Reads a section. Of many entries it may give the oldest `most` alone: what others would have said
 * is not shown, and need not be made.
 */
export type LiveReader<Section extends keyof LiveSections> = (most: number) => LiveSections[Section];

interface Source<Section extends keyof LiveSections> {
  readonly read: LiveReader<Section>;
  readonly count: (() => number) | undefined;
}

type Sources = { readonly [Section in keyof LiveSections]: Set<Source<Section>> };

/** How many entries there are of each section, those that are not given included. */
export type LiveCounts = { readonly [Section in keyof LiveSections]: number };

const LIVE = Symbol.for('@sietch/otel.live');
const registry: typeof globalThis & { [LIVE]?: Sources } = globalThis;
/** One for all copies of this package: the queues and breakers of the app may be of another one. */
registry[LIVE] ??= { requests: new Set(), jobs: new Set(), pools: new Set(), redis: new Set(), breakers: new Set() };
const sources: Sources = registry[LIVE];

/**
 * `read` is called for each question, and only then. Returns what takes it away again.
 * @param count how many entries there are, from a reader that gives the oldest alone
 */
export function tellLive<Section extends keyof LiveSections>(
  section: Section,
  read: LiveReader<Section>,
  count?: () => number,
): () => void {
  const source = { read, count };
  sources[section].add(source);
  return () => sources[section].delete(source);
}

/** The oldest `most` entries of each section. One whose reader throws is empty. */
export function readLiveSections(most = Number.POSITIVE_INFINITY): LiveSections & { readonly counts: LiveCounts } {
  return running.inOneOrder(() => readSections(most));
}

function readSections(most: number): LiveSections & { readonly counts: LiveCounts } {
  const requests = readAll(sources.requests, most);
  const jobs = readAll(sources.jobs, most);
  const pools = readAll(sources.pools, most);
  const redis = readAll(sources.redis, most);
  const breakers = readAll(sources.breakers, most);
  return {
    requests: oldest(requests.entries, most),
    jobs: oldest(jobs.entries, most),
    pools: pools.entries.slice(0, most),
    redis: redis.entries.slice(0, most),
    breakers: breakers.entries.slice(0, most),
    counts: { requests: requests.count, jobs: jobs.count, pools: pools.count, redis: redis.count, breakers: breakers.count },
  };
}

interface Readable<Entry> {
  readonly read: (most: number) => readonly Entry[];
  readonly count: (() => number) | undefined;
}

function readAll<Entry>(section: ReadonlySet<Readable<Entry>>, most: number): { entries: readonly Entry[]; count: number } {
  const entries: Entry[] = [];
  let count = 0;
  for (const source of section) {
    try {
      const read = source.read(most);
      count += source.count?.() ?? read.length;
      for (const entry of read) entries.push(entry);
    } catch {
      // The others are read all the same.
    }
  }
  return { entries, count };
}

function oldest<Entry extends { readonly age: number }>(entries: readonly Entry[], most: number): readonly Entry[] {
  return [...entries].sort((one, other) => other.age - one.age).slice(0, most);
}
