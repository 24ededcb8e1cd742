// Connections of our own made with the app's pg, and with the configuration that the app's own
// client has, from the app or the environment.
import { makeOwnPgClient, type PgClientClass } from '../../observe/postgresql/own-pg-client.js';
import { DEADLINE_MS, type Row, type SideConnection, type SideConnector } from '../../observe/postgresql/side-connections.js';
import type { PgClient } from './pg-internals.js';

export function isSideClientClass(value: unknown): value is PgClientClass {
  if (typeof value !== 'function') return false;
  const prototype: unknown = value.prototype;
  return ['connect', 'query', 'end', 'on', 'unref'].every(
    (name) => typeof prototype === 'object' && prototype !== null && name in prototype,
  );
}

export class PgSideConnector implements SideConnector<PgClient> {
  #Client: PgClientClass | undefined;

  /** The class that connections are made with; the first is kept. */
  use(Client: PgClientClass): void {
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
    const { client: side, connect } = makeOwnPgClient(this.#Client, configOf(client), DEADLINE_MS, onLost);
    return {
      connect,
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

/** A password may be a function: pg calls it. */
function configOf({ connectionParameters, password }: PgClient): object {
  const { user, database, host, port, ssl, sslnegotiation, options } = connectionParameters ?? {};
  return { user, database, host, port, password, ssl, sslnegotiation, options };
}
