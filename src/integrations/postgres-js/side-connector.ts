// Connections of our own made with the app's postgres.js, and with the options of the pool in
// question.
import { connect, type Socket } from 'node:net';
import type { Row, SideConnection, SideConnector } from '../../observe/postgresql/side-connections.js';
import { isSql, type PostgresOptions, type Sql } from './postgres-internals.js';
import type { Server } from './servers.js';

/** The connection of a query, as the library shows it. */
export interface PostgresSession {
  readonly server: Server;
  /** Process id of its backend. */
  readonly pid: number | undefined;
}

export class PostgresSideConnector implements SideConnector<PostgresSession> {
  /** With a list of hosts any of them may have the connection. */
  keyOf({ server: { made } }: PostgresSession): string | undefined {
    if (made === undefined || !isOne(made.options.host)) return undefined;
    const { host, port, path, database, user } = made.options;
    return [host, port, path, database, user].join('\0');
  }

  pidOf({ pid }: PostgresSession): number | undefined {
    return pid;
  }

  open({ server: { made } }: PostgresSession): SideConnection {
    const sql = made?.postgres(configOf(made.options));
    if (!isSql(sql)) throw new Error('no postgres to connect with');
    return {
      // The first question opens it.
      connect: async () => {},
      query: ({ text, values, extended }) => ask(sql, text, values, extended === true),
      end: async () => sql.end({ timeout: 0 }),
    };
  }
}

async function ask(sql: Sql, text: string, values: readonly unknown[] = [], extended: boolean): Promise<readonly Row[]> {
  const simple = values.length === 0 && !extended;
  const rows: unknown = await sql.unsafe(text, values, { prepare: false, simple });
  return Array.isArray(rows) ? rows : [];
}

/** No timer of the library, which would keep the process alive. */
const NO_TIMER = () => 0;

/**
 * Nothing that the app has set for its own results: types, transforms, listeners. A password may be
 * a function: the library calls it.
 */
function configOf(options: PostgresOptions): object {
  const { host, port, path, database, user, pass, ssl, sslnegotiation, target_session_attrs } = options;
  return {
    host,
    port,
    path,
    database,
    user,
    pass,
    ssl,
    sslnegotiation,
    target_session_attrs,
    socket: () => openSocket(options),
    max: 1,
    connect_timeout: NO_TIMER,
    idle_timeout: NO_TIMER,
    max_lifetime: NO_TIMER,
    prepare: false,
    fetch_types: false,
    debug: false,
    onnotice: () => {},
    connection: { application_name: 'sietch-otel' },
  };
}

/** The library writes to it at once, whether it is connected or not. */
async function openSocket(options: PostgresOptions): Promise<unknown> {
  const socket = typeof options.socket === 'function' ? await options.socket(options) : connectSocket(options);
  if (typeof socket === 'object' && socket !== null && 'unref' in socket && typeof socket.unref === 'function') socket.unref();
  return socket;
}

function connectSocket({ host, port, path }: PostgresOptions): Socket {
  if (typeof path === 'string' && path !== '') return connect({ path });
  const name = String(firstOf(host));
  // By `host` the library checks the server's certificate.
  return Object.assign(connect({ host: name, port: Number(firstOf(port)) }), { host: name });
}

function isOne(hosts: unknown): boolean {
  return !Array.isArray(hosts) || hosts.length === 1;
}

function firstOf(value: unknown): unknown {
  return Array.isArray(value) ? value[0] : value;
}
