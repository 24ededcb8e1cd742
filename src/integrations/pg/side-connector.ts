// Connections of our own made with the app's pg, and with the configuration that the app's own
// client has, from the app or the environment.
import { DEADLINE_MS, type Row, type SideConnection, type SideConnector } from '../../observe/postgresql/side-connections.js';
import type { PgClient } from './pg-internals.js';

/** The members of a client of our own that are used. */
interface SideClient {
  connect(): Promise<unknown>;
  query(query: { text: string; values?: readonly unknown[] | undefined; queryMode?: 'extended' | undefined }): Promise<unknown>;
  end(): Promise<unknown>;
  on(event: 'error', listener: () => void): unknown;
  unref?(): void;
}

export type SideClientClass = new (config: object) => SideClient;

export function isSideClientClass(value: unknown): value is SideClientClass {
  if (typeof value !== 'function') return false;
  const prototype: unknown = value.prototype;
  return ['connect', 'query', 'end', 'on', 'unref'].every(
    (name) => typeof prototype === 'object' && prototype !== null && name in prototype,
  );
}

export class PgSideConnector implements SideConnector<PgClient> {
  #Client: SideClientClass | undefined;

  /** The class that connections are made with; the first is kept. */
  use(Client: SideClientClass): void {
    this.#Client ??= Client;
  }

  keyOf({ connectionParameters }: PgClient): string {
    const { host, port, database, user } = connectionParameters ?? {};
    return `${host}\0${port}\0${database}\0${user}`;
  }

  pidOf({ processID }: PgClient): number | undefined {
    return typeof processID === 'number' ? processID : undefined;
  }

  open(client: PgClient, onLost: () => void): SideConnection {
    if (this.#Client === undefined) throw new Error('no pg to connect with');
    const side = new this.#Client(configOf(client));
    side.on('error', onLost);
    return {
      connect: () => connect(side),
      query: async ({ text, values, extended }) =>
        rowsOf(await side.query({ text, values, queryMode: extended === true ? 'extended' : undefined })),
      end: () => side.end(),
    };
  }
}

function rowsOf(result: unknown): readonly Row[] {
  const rows: unknown = typeof result === 'object' && result !== null && 'rows' in result ? result.rows : undefined;
  return Array.isArray(rows) ? rows : [];
}

async function connect(side: SideClient): Promise<void> {
  const connected = side.connect();
  side.unref?.();
  await connected;
  // A connection that changed to TLS has another socket now.
  side.unref?.();
}

/** A password may be a function: pg calls it. */
function configOf({ connectionParameters, password }: PgClient): object {
  const { user, database, host, port, ssl, sslnegotiation, options } = connectionParameters ?? {};
  return {
    user,
    database,
    host,
    port,
    password,
    ssl,
    sslnegotiation,
    options,
    application_name: 'sietch-otel',
    connectionTimeoutMillis: DEADLINE_MS,
    query_timeout: DEADLINE_MS,
  };
}
