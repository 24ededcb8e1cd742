// The marks of kept traces in the PostgreSQL of pg-boss: notifications, for which a database needs
// no table and its users no rights. They are sent and heard on one connection of ours, made as those
// of pg-boss' own pool are, which is there while a job of a recorded trace may be under way. Nobody
// keeps a notification for who is not connected: who connects asks the others to send again.
import { context, ROOT_CONTEXT } from '@opentelemetry/api';
import { suppressTracing } from '@opentelemetry/core';
import { readError } from '../../../observe/postgresql/database-error.js';
import { makeOwnPgClient, type OwnPgClient, type PgClientClass } from '../../../observe/postgresql/own-pg-client.js';
import type { FindPlace } from '../kept-marks.js';
import { type Marks, traceIdsIn } from '../mark-exchange.js';
import { type BossInstance, shownDatabase } from './boss-database.js';

const CHANNEL = 'sietch_otel_kept';
/** Shorter than that of a task: what was not answered by then is closed. */
const LIMIT_MS = 1_500;
/** Ids between two readings; further ones are passed over. */
const MAX_HEARD = 10_000;
/** Asks for what was sent lately, which is so much: one notification. */
const AGAIN = '?';
const AGAIN_IDS = 200;
const AGAIN_MS = 60_000;
const untraced = suppressTracing(ROOT_CONTEXT);

/** A pool of pg makes its clients so. */
interface ClientPool {
  readonly Client: PgClientClass;
  readonly options: object;
}

/** An app that runs the statements of pg-boss itself has none, nor has an instance that is not started. */
export function channelPlaces(): FindPlace<BossInstance> {
  let last = 0;
  return (boss) => {
    const database = shownDatabase(boss);
    const pool: unknown = typeof database === 'object' && database !== null ? Reflect.get(database, 'pool') : undefined;
    if (!isPool(pool)) return undefined;
    last++;
    return Promise.resolve({ address: String(last), open: () => new MarkChannel(pool) });
  };
}

class MarkChannel implements Marks {
  readonly key = `PostgreSQL channel ${CHANNEL}`;
  readonly #pool: ClientPool;
  #client: OwnPgClient | undefined;
  #connected: Promise<unknown> = Promise.resolve();
  /** Whether the connection has not asked for anything yet. */
  #isNew = true;
  #heard: string[] = [];
  /** What was sent, the oldest first, with its time. */
  readonly #sent = new Map<string, number>();
  /** Whether somebody has connected who may have missed it. */
  #isAsked = false;

  constructor(pool: ClientPool) {
    this.#pool = pool;
  }

  async write(traceIds: readonly string[]): Promise<void> {
    await this.#ask(notifyOf(traceIds.join()));
    const now = performance.now();
    for (const traceId of traceIds) this.#sent.set(traceId, now);
    this.#forget(now);
  }

  /** Asks to be notified each time, which shows that the connection is there still. */
  async read(): Promise<readonly string[]> {
    if (this.#isNew || this.#client === undefined) await this.#ask(`LISTEN ${CHANNEL}; ${notifyOf(AGAIN)}`);
    else await this.#ask(`LISTEN ${CHANNEL}`);
    this.#isNew = false;
    if (this.#isAsked) await this.#sendAgain();
    const heard = this.#heard;
    this.#heard = [];
    return heard;
  }

  errorType(error: unknown): string {
    return readError(error).type;
  }

  rest(): void {
    const client = this.#client;
    this.#client = undefined;
    if (client !== undefined) context.with(untraced, () => client.end()).catch(() => {});
  }

  async #ask(text: string): Promise<void> {
    const client = context.with(untraced, () => this.#open());
    try {
      await this.#connected;
      await context.with(untraced, () => client.query(text));
    } catch (error) {
      if (this.#client === client) this.rest();
      throw error;
    }
  }

  async #sendAgain(): Promise<void> {
    this.#isAsked = false;
    this.#forget(performance.now());
    if (this.#sent.size > 0) await this.#ask(notifyOf([...this.#sent.keys()].join()));
  }

  #forget(now: number): void {
    for (const [traceId, since] of this.#sent) {
      if (this.#sent.size <= AGAIN_IDS && now - since < AGAIN_MS) return;
      this.#sent.delete(traceId);
    }
  }

  #open(): OwnPgClient {
    if (this.#client !== undefined) return this.#client;
    const { Client, options } = this.#pool;
    // A password is there that is not enumerable.
    const config = Object.assign(Object.defineProperties({}, Object.getOwnPropertyDescriptors(options)), { keepAlive: true });
    const { client, connect } = makeOwnPgClient(Client, config, LIMIT_MS, () => {
      if (this.#client === client) this.rest();
    });
    client.on('notification', (given) => this.#onNotification(given));
    this.#client = client;
    this.#isNew = true;
    this.#connected = connect();
    return client;
  }

  #onNotification(given: unknown): void {
    if (typeof given !== 'object' || given === null || !('channel' in given) || given.channel !== CHANNEL) return;
    if (!('payload' in given) || typeof given.payload !== 'string' || this.#heard.length >= MAX_HEARD) return;
    if (given.payload === AGAIN) this.#isAsked = true;
    this.#heard.push(...traceIdsIn(given.payload));
  }
}

function notifyOf(payload: string): string {
  return `SELECT pg_notify('${CHANNEL}', '${payload}')`;
}

function isPool(value: unknown): value is ClientPool {
  if (typeof value !== 'object' || value === null || !('Client' in value) || !('options' in value)) return false;
  return typeof value.Client === 'function' && typeof value.options === 'object' && value.options !== null;
}
