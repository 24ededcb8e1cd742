// Connections of our own beside those of the app, for questions about its queries: made with the
// app's own client library and the parameters of the client in question, never traced, one question
// at a time and one that waits its turn, each with a deadline, closed when idle. They do not keep
// the process alive.
import { context, ROOT_CONTEXT } from '@opentelemetry/api';
import { suppressTracing } from '@opentelemetry/core';
import { withHardDeadline } from '../../node/deadline.js';

export interface Question {
  readonly text: string;
  readonly values?: readonly unknown[];
  /** By the extended protocol, which takes one statement only. */
  readonly extended?: boolean;
}

export type Row = Readonly<Record<string, unknown>>;

/** One connection of our own. */
export interface SideConnection {
  connect(): Promise<unknown>;
  /** The rows of one statement. */
  query(question: Question): Promise<readonly Row[]>;
  end(): Promise<unknown>;
}

/** What a client library does for questions about its clients. */
export interface SideConnector<Client> {
  /**
   * The same for all clients that one connection can ask about; undefined where it is not known
   * which server a client talks to.
   */
  keyOf(client: Client): string | undefined;
  /** Process id of the client's backend, once it is known. */
  pidOf(client: Client): number | undefined;
  /**
   * A connection to the client's database that does not keep the process alive.
   * @param onLost called when it breaks
   */
  open(client: Client, onLost: () => void): SideConnection;
}

/** How long a question may take, with the connection that is made for it. */
export const DEADLINE_MS = 3_000;
const IDLE_MS = 10_000;
const untraced = suppressTracing(ROOT_CONTEXT);

interface Idle {
  readonly side: SideConnection;
  readonly key: string;
  readonly timer: NodeJS.Timeout;
}

export class SideConnections<Client> {
  readonly #connector: SideConnector<Client>;
  #idle: Idle | undefined;
  /** Ends when the last question has been answered, or has failed. */
  #turn: Promise<unknown> = Promise.resolve();
  #questions = 0;

  constructor(connector: SideConnector<Client>) {
    this.#connector = connector;
  }

  /** Whether a question is being asked. */
  get busy(): boolean {
    return this.#questions > 0;
  }

  /** Whether another question waits already: one more is refused. */
  get full(): boolean {
    return this.#questions > 1;
  }

  pidOf(client: Client): number | undefined {
    return this.#connector.pidOf(client);
  }

  /**
   * Asks on a connection to the database of `client`, after the question that is being asked.
   * @throws {Error} when full, when it cannot connect, when `question` fails, and when it is not
   *   answered three seconds after its turn
   */
  async ask<Answer>(client: Client, question: (side: SideConnection) => Promise<Answer>): Promise<Answer> {
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
    if (idle !== undefined) await end(idle.side);
  }

  async #ask<Answer>(client: Client, question: (side: SideConnection) => Promise<Answer>): Promise<Answer> {
    const key = this.#connector.keyOf(client);
    if (key === undefined) throw new Error('no server to ask');
    const idle = this.#takeIdle();
    if (idle !== undefined && idle.key !== key) void end(idle.side);
    const known = idle?.key === key ? idle.side : undefined;
    const side = known ?? this.#open(client);
    try {
      const answer = await withHardDeadline(known === undefined ? side.connect().then(() => question(side)) : question(side), DEADLINE_MS);
      this.#keep(side, key);
      return answer;
    } catch (error) {
      void end(side);
      throw error;
    }
  }

  #open(client: Client): SideConnection {
    const side = this.#connector.open(client, () => {
      if (this.#idle?.side === side) this.#takeIdle();
    });
    return side;
  }

  #takeIdle(): Idle | undefined {
    const idle = this.#idle;
    clearTimeout(idle?.timer);
    this.#idle = undefined;
    return idle;
  }

  #keep(side: SideConnection, key: string): void {
    const timer = setTimeout(() => {
      this.#idle = undefined;
      void end(side);
    }, IDLE_MS).unref();
    this.#idle = { side, key, timer };
  }
}

async function end(side: SideConnection): Promise<void> {
  try {
    await withHardDeadline(Promise.resolve(side.end()), DEADLINE_MS);
  } catch {
    // It is gone, or its socket does not answer any more.
  }
}
