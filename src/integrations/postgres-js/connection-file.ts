// The inner file of postgres.js that makes connections. What a pool shares with its connections,
// lists of them by what they do, is nowhere to be had but in its calls.
import { exportsOf } from './postgres-internals.js';

/** Lists of a pool's connections; each connection is in one of them. */
export interface Queues {
  readonly connecting: { readonly length: number };
  readonly reserved: { readonly length: number };
  readonly busy: { readonly length: number };
  readonly full: { readonly length: number };
  readonly open: { readonly length: number };
}

type Connection = (this: unknown, ...args: unknown[]) => unknown;

/** Its CommonJS copy, and the one that is imported. */
export const CONNECTION_FILES = ['postgres/cjs/src/connection.js', 'postgres/src/connection.js'] as const;

export class PoolConnections {
  /** By the options of their pool, which has been made last with these. */
  readonly #queues = new WeakMap<object, Queues>();

  /** The exports of the inner file, whose calls are listened to from then on. */
  watch(module: unknown): unknown {
    const connection = exportsOf(module);
    if (!isConnection(connection)) return module;
    const watched = new Proxy(connection, {
      apply: (target, self, args) => {
        const [options, queues] = args;
        if (isObject(options) && isQueues(queues)) this.#queues.set(options, queues);
        return Reflect.apply(target, self, args);
      },
    });
    if (connection === module) return watched;
    if (isObject(module)) Reflect.set(module, 'default', watched);
    return module;
  }

  /** Undefined for a pool without connections, or one whose inner file was not seen. */
  queuesOf(options: object): Queues | undefined {
    return this.#queues.get(options);
  }
}

function isConnection(value: unknown): value is Connection {
  return typeof value === 'function';
}

function isQueues(value: unknown): value is Queues {
  if (!isObject(value)) return false;
  return ['connecting', 'reserved', 'busy', 'full', 'open'].every((name) => {
    const queue: unknown = Reflect.get(value, name);
    return isObject(queue) && typeof Reflect.get(queue, 'length') === 'number';
  });
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
