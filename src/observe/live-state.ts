// The live state of this process as `sietch-otel now` shows it: who holds live objects registers how
// they are read, and nothing is read until somebody asks.

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

type Readers = { readonly [Section in keyof LiveSections]: Set<() => LiveSections[Section]> };

const readers: Readers = { requests: new Set(), jobs: new Set(), pools: new Set(), redis: new Set(), breakers: new Set() };

/** `read` is called for each question, and only then. Returns what takes it away again. */
export function tellLive<Section extends keyof LiveSections>(section: Section, read: () => LiveSections[Section]): () => void {
  readers[section].add(read);
  return () => readers[section].delete(read);
}

/** A section whose reader throws is empty. */
export function readLiveSections(): LiveSections {
  return {
    requests: readAll(readers.requests),
    jobs: readAll(readers.jobs),
    pools: readAll(readers.pools),
    redis: readAll(readers.redis),
    breakers: readAll(readers.breakers),
  };
}

function readAll<Entry>(section: ReadonlySet<() => readonly Entry[]>): readonly Entry[] {
  return [...section].flatMap((read) => {
    try {
      return read();
    } catch {
      return [];
    }
  });
}
