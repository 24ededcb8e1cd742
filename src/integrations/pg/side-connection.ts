// Connections of our own beside those of the app, for questions about its queries: made with the
// app's own pg and the parameters of the client in question, never traced, one question at a time
// and one that waits its turn, each with a deadline, closed when idle. They do not keep the process
// alive.
import { context, ROOT_CONTEXT } from '@opentelemetry/api';
import { suppressTracing } from '@opentelemetry/core';
import { withHardDeadline } from '../../node/deadline.js';
import type { PgClient } from './pg-internals.js';

/** The members of a client of our own that are used. */
export interface SideClient {
  connect(): Promise<unknown>;
  query(query: { text: string; values?: readonly unknown[]; queryMode?: 'extended' }): Promise<unknown>;
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

const DEADLINE_MS = 3_000;
const IDLE_MS = 10_000;
const untraced = suppressTracing(ROOT_CONTEXT);

interface Idle {
  readonly client: SideClient;
  readonly key: string;
  readonly timer: NodeJS.Timeout;
}

export class SideConnections {
  #Client: SideClientClass | undefined;
  #idle: Idle | undefined;
  /** Ends when the last question has been answered, or has failed. */
  #turn: Promise<unknown> = Promise.resolve();
  #questions = 0;

  /** Whether a question is being asked. */
  get busy(): boolean {
    return this.#questions > 0;
  }

  /** Whether another question waits already: one more is refused. */
  get full(): boolean {
    return this.#questions > 1;
  }

  /** The class that connections are made with. */
  use(Client: SideClientClass): void {
    this.#Client ??= Client;
  }

  /**
   * Asks on a connection to the database of `client`, after the question that is being asked.
   * @throws {Error} when full, when it cannot connect, when `question` fails, and when it is not
   *   answered three seconds after its turn
   */
  async ask<Answer>(client: PgClient, question: (side: SideClient) => Promise<Answer>): Promise<Answer> {
    if (this.full) throw new Error('full');
    this.#questions += 1;
    const answered = this.#turn.then(() => context.with(untraced, () => this.#ask(client, question)));
    this.#turn = answered.catch(() => {});
    try {
      return await answered;
    } finally {
      this.#questions -= 1;
    }
  }

  async close(): Promise<void> {
    const idle = this.#takeIdle();
    if (idle !== undefined) await end(idle.client);
  }

  async #ask<Answer>(client: PgClient, question: (side: SideClient) => Promise<Answer>): Promise<Answer> {
    const key = keyOf(client);
    const idle = this.#takeIdle();
    if (idle !== undefined && idle.key !== key) void end(idle.client);
    const known = idle?.key === key ? idle.client : undefined;
    const side = known ?? this.#create(client);
    try {
      const answer = await withHardDeadline(known === undefined ? connect(side).then(() => question(side)) : question(side), DEADLINE_MS);
      this.#keep(side, key);
      return answer;
    } catch (error) {
      void end(side);
      throw error;
    }
  }

  #create(client: PgClient): SideClient {
    if (this.#Client === undefined) throw new Error('no pg to connect with');
    const side = new this.#Client(configOf(client));
    side.on('error', () => {
      if (this.#idle?.client === side) this.#takeIdle();
    });
    return side;
  }

  #takeIdle(): Idle | undefined {
    const idle = this.#idle;
    clearTimeout(idle?.timer);
    this.#idle = undefined;
    return idle;
  }

  #keep(client: SideClient, key: string): void {
    const timer = setTimeout(() => {
      this.#idle = undefined;
      void end(client);
    }, IDLE_MS).unref();
    this.#idle = { client, key, timer };
  }
}

/** The rows of a result of pg. */
export function rowsOf(result: unknown): Record<string, unknown>[] {
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

async function end(side: SideClient): Promise<void> {
  try {
    await withHardDeadline(Promise.resolve(side.end()), DEADLINE_MS);
  } catch {
    // It is gone, or its socket does not answer any more.
  }
}

/**
 * The configuration that the app's own client has, from the app or the environment. A password may
 * be a function: pg calls it.
 */
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

function keyOf({ connectionParameters }: PgClient): string {
  const { host, port, database, user } = connectionParameters ?? {};
  return `${host}\0${port}\0${database}\0${user}`;
}
