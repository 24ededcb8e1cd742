// Sees the sockets of clients: where they connect to, and the span of opening a connection, from
// the app's `connect()` until it can be used or an attempt has failed. Seen in the events of the
// socket, so that no promise is touched.
import { context, ROOT_CONTEXT } from '@opentelemetry/api';
import type { MethodPatches } from '../../observe/method-patches.js';
import type { ConnectSpans } from '../../observe/redis/connect-span.js';
import { clientItself, type NodeRedisClient, type RedisSocket, type SocketOptions } from './client.js';
import { connectionOf, socketMade } from './connection.js';

/** The module `client/socket`. */
export interface SocketModule {
  default: (new (...args: unknown[]) => RedisSocket) & { readonly prototype: RedisSocket };
}

export interface ConnectPrototype {
  connect(this: NodeRedisClient): unknown;
}

export class SocketPatch {
  readonly #patches: MethodPatches;
  readonly #spans: ConnectSpans;
  /** The client whose `connect` runs: it calls the one of its socket before it returns. */
  #connecting: NodeRedisClient | undefined;

  constructor(patches: MethodPatches, spans: ConnectSpans) {
    this.#patches = patches;
    this.#spans = spans;
  }

  patchSocket(module: SocketModule): void {
    const { prototype } = module.default;
    this.#patches.replace(prototype, 'connect', (original) => this.#observeConnect(original));
    this.#patches.replace(prototype, 'emit', (original) => this.#observeEvents(original));
    this.#patches.replace(
      module,
      'default',
      (Socket) =>
        new Proxy(Socket, {
          construct(target, args, newTarget) {
            const socket: RedisSocket = Reflect.construct(target, args, newTarget);
            socketMade(socket, optionsIn(args));
            return socket;
          },
        }),
    );
  }

  patchClient(prototype: ConnectPrototype | undefined): void {
    const patch = this;
    this.#patches.replace(
      prototype,
      'connect',
      (original) =>
        function connect(this: NodeRedisClient) {
          patch.#connecting = clientItself(this);
          try {
            return original.call(this);
          } finally {
            patch.#connecting = undefined;
          }
        },
    );
  }

  /** The connection outlives the request that opened it: what arrives on it is not part of that. */
  #observeConnect(original: RedisSocket['connect']): RedisSocket['connect'] {
    const patch = this;
    return function connect(this: RedisSocket & { readonly isOpen?: boolean }) {
      if (!patch.#patches.isOn) return original.call(this);
      const connection = connectionOf(this);
      if (connection.client === undefined && patch.#connecting !== undefined) connection.setClient(patch.#connecting);
      if (this.isOpen !== true) patch.#spans.connecting(connection, connection.endpoint);
      return context.with(ROOT_CONTEXT, () => original.call(this));
    };
  }

  #observeEvents(original: RedisSocket['emit']): RedisSocket['emit'] {
    const patch = this;
    return function emit(this: RedisSocket, event, argument, more) {
      if (event !== 'data' && patch.#patches.isOn) patch.#happened(this, event, argument);
      return original.call(this, event, argument, more);
    };
  }

  #happened(socket: RedisSocket, event: unknown, argument: unknown): void {
    if (event === 'ready') this.#spans.ready(connectionOf(socket));
    else if (event === 'error') this.#spans.failed(connectionOf(socket), argument);
    // Closed by the app itself before it was open: given up, not failed.
    else if (event === 'end') this.#spans.ready(connectionOf(socket));
  }
}

/** The last argument, since 5.10 behind the id of the client. */
function optionsIn(args: readonly unknown[]): SocketOptions | undefined {
  const last = args.at(-1);
  return typeof last === 'object' && last !== null ? last : undefined;
}
