// The transaction as a processor gets it: pg's client until the attempt ends, and unable to end the
// transaction it is in. The client itself goes back to its pool; a branch of a `Promise.all` that
// outlives its attempt would write there on its own.
import { withDeadline } from '../node/deadline.js';
import type { Transaction } from './claims.js';
import { findTransactionControl } from './transaction-control.js';
import { WebhookQueueError } from './webhook-error.js';

/** Time for the answers to what was sent before the attempt ended. */
const DRAIN_MS = 5000;
/** Belong to whoever owns the connection. */
const OWNERS: ReadonlySet<string | symbol> = new Set(['release', 'end', 'connect']);

type Callback = (error: Error) => void;

export class TransactionGuard {
  /** For the processor. */
  readonly transaction: Transaction;
  readonly #client: Transaction;
  readonly #onLateUse: () => void;
  readonly #unanswered = new Set<Promise<void>>();
  #isOver = false;
  #isLateUseTold = false;
  #refused: WebhookQueueError | undefined;

  /** @param onLateUse called once, when the processor goes on after `end`. */
  constructor(client: Transaction, onLateUse: () => void) {
    this.#client = client;
    this.#onLateUse = onLateUse;
    const query = (...args: unknown[]) => this.#query(args);
    this.transaction = new Proxy(client, {
      get: (target, key) => {
        if (key === 'query') return query;
        if (OWNERS.has(key)) return () => this.#refuseOwnership(String(key));
        const value: unknown = Reflect.get(target, key);
        return typeof value === 'function' && key !== 'constructor' ? value.bind(target) : value;
      },
    });
  }

  /**
   * Lets nothing more through and waits for what was sent. The store may end the transaction then.
   * @throws {WebhookQueueError} WEBHOOK_TRANSACTION_CONTROL when the processor tried that itself,
   * WEBHOOK_TRANSACTION_BUSY when a query has no end.
   */
  async end(): Promise<void> {
    this.#isOver = true;
    if (this.#unanswered.size > 0) await this.#drain();
    if (this.#refused !== undefined) throw this.#refused;
  }

  async #drain(): Promise<void> {
    await withDeadline(Promise.all(this.#unanswered), DRAIN_MS).catch(() => {
      const message = `${this.#unanswered.size} queries of the processor have not ended ${DRAIN_MS} ms after it; is a cursor open?`;
      this.#refused ??= new WebhookQueueError('WEBHOOK_TRANSACTION_BUSY', message);
    });
  }

  #query(args: unknown[]): unknown {
    const refusal = this.#refusalOf(args[0]);
    if (refusal !== undefined) return this.#refuse(refusal, args);
    this.#watchSubmittable(args[0]);
    this.#watchCallback(args);
    const result: unknown = Reflect.apply(this.#client.query, this.#client, args);
    if (result instanceof Promise) this.#await(result);
    return result;
  }

  #refusalOf(query: unknown): WebhookQueueError | undefined {
    if (this.#isOver) {
      if (!this.#isLateUseTold) this.#onLateUse();
      this.#isLateUseTold = true;
      return new WebhookQueueError(
        'WEBHOOK_TRANSACTION_ENDED',
        'The attempt of this transaction has ended: await all work before returning',
      );
    }
    const word = findTransactionControl(textOf(query));
    if (word === undefined) return undefined;
    const message = `${word} is refused: the queue begins and ends the transaction, so that work and claim are kept together. Use SAVEPOINT`;
    const refused = new WebhookQueueError('WEBHOOK_TRANSACTION_CONTROL', message);
    // A processor that swallows this error gets it at the end of the attempt.
    this.#refused ??= refused;
    return refused;
  }

  /** As pg refuses on a client that has lost its connection. */
  #refuse(error: WebhookQueueError, args: unknown[]): unknown {
    const [query] = args;
    const callback = callbackOf(args);
    if (hasHandler(query, 'handleError')) {
      const connection: unknown = Reflect.get(this.#client, 'connection');
      process.nextTick(() => query.handleError(error, connection));
      return query;
    }
    if (callback === undefined) return Promise.reject(error);
    process.nextTick(callback, error);
    return undefined;
  }

  #refuseOwnership(method: string): never {
    throw new WebhookQueueError('WEBHOOK_TRANSACTION_CONTROL', `${method}() is refused: the connection belongs to the queue`);
  }

  #await(answer: Promise<unknown>): void {
    const answered: Promise<void> = answer.then(
      () => this.#forget(answered),
      () => this.#forget(answered),
    );
    this.#unanswered.add(answered);
  }

  #forget(answered: Promise<void>): void {
    this.#unanswered.delete(answered);
  }

  #watchCallback(args: unknown[]): void {
    const at = args.findLastIndex(isCallback);
    const callback = args[at];
    if (!isCallback(callback)) return;
    let answered = () => {};
    this.#await(new Promise<void>((resolve) => (answered = resolve)));
    args[at] = (...results: Parameters<Callback>) => {
      answered();
      callback(...results);
    };
  }

  /** Cursors, streams, COPY: pg signals to the object itself that the server is ready for more. */
  #watchSubmittable(query: unknown): void {
    if (!hasHandler(query, 'handleReadyForQuery')) return;
    this.#await(
      new Promise<void>((resolve) => {
        for (const key of ['handleReadyForQuery', 'handleError']) {
          const handler: unknown = Reflect.get(query, key);
          if (typeof handler !== 'function') continue;
          const value = function (this: unknown, ...args: unknown[]) {
            resolve();
            return Reflect.apply(handler, this, args);
          };
          Object.defineProperty(query, key, { value, configurable: true, writable: true, enumerable: false });
        }
      }),
    );
  }
}

/** Text of a query given as text, config, query object or stream around a cursor. */
function textOf(query: unknown): string {
  if (typeof query === 'string') return query;
  if (typeof query !== 'object' || query === null) return '';
  if ('text' in query && typeof query.text === 'string') return query.text;
  return 'cursor' in query ? textOf(query.cursor) : '';
}

function callbackOf(args: readonly unknown[]): Callback | undefined {
  const [config] = args;
  const own: unknown = typeof config === 'object' && config !== null && 'callback' in config ? config.callback : undefined;
  return isCallback(own) ? own : args.findLast(isCallback);
}

function isCallback(value: unknown): value is Callback {
  return typeof value === 'function';
}

function hasHandler<Key extends string>(query: unknown, key: Key): query is Record<Key, (...args: unknown[]) => unknown> {
  return typeof query === 'object' && query !== null && key in query && typeof Reflect.get(query, key) === 'function';
}
