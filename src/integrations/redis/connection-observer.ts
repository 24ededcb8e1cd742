// The span of opening a connection: from `connect` until it can be used or has failed. (Upstream's
// ends at once, as success: opentelemetry-js-contrib#289.) Seen in the client's status, so that
// neither its promises nor its listeners are touched.
import { context, ROOT_CONTEXT } from '@opentelemetry/api';
import type { RootSpans, TracerSource } from '../../observe/caller.js';
import { ConnectSpans } from '../../observe/redis/connect-span.js';
import { describeError } from '../../observe/redis/error-type.js';
import { isHelperOfCluster, type RedisClient } from './client.js';
import { endpointOf } from './endpoint.js';
import { clients } from './live-connections.js';

export class ConnectionObserver {
  readonly #spans: ConnectSpans;
  /** What ioredis has reported since the connection began to open. */
  readonly #errorTypes = new WeakMap<RedisClient, string>();

  constructor(source: TracerSource, rootSpans: RootSpans) {
    this.#spans = new ConnectSpans(source, rootSpans);
  }

  /** Called before `connect`. */
  connecting(client: RedisClient): void {
    if (!isHelperOfCluster(client)) clients.add(client);
    if (this.#spans.isOpening(client) || CONNECTED.has(client.status) || isHelperOfCluster(client)) return;
    this.#spans.connecting(client, endpointOf(client));
  }

  /** Called when ioredis reports an error of the connection. */
  failed(client: RedisClient, error: unknown): void {
    if (this.#spans.isOpening(client)) this.#errorTypes.set(client, describeError(error).type);
  }

  /** Called at each change of the client's status. */
  statusChanged(client: RedisClient, status: string): void {
    if (!this.#spans.isOpening(client) || status === 'connecting' || status === 'connect') return;
    const errorType = this.#errorTypes.get(client) ?? 'connection_closed';
    this.#errorTypes.delete(client);
    // Closed by the app itself before it was open: given up, not failed.
    this.#spans.end(client, status === 'ready' || client.manuallyClosing === true ? undefined : errorType);
  }
}

/**
 * Runs `connect` outside any trace: the connection outlives the request that opened it, and what
 * arrives on it later (messages, reconnections) is not part of that request.
 */
export function outsideTraces<T>(run: () => T): T {
  return context.with(ROOT_CONTEXT, run);
}

/** States in which `connect` refuses. */
const CONNECTED: ReadonlySet<string> = new Set(['connecting', 'connect', 'ready', 'monitoring']);
