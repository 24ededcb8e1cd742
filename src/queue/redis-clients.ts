// The Redis connections of WebhookQueue. The producer's answers fast or fails; the worker's waits for as long as it takes.
import { context } from '@opentelemetry/api';
import { LOOP_CONTEXT } from './inner-context.js';
import type { RedisConnectionOption } from './options.js';
import { loadIoRedis, type RedisLike } from './peers.js';

/** Options of ioredis that we set. */
interface ClientOptions {
  readonly enableOfflineQueue: boolean;
  readonly connectTimeout: number;
  readonly maxRetriesPerRequest: number | null;
  readonly retryStrategy: (times: number) => number;
  readonly commandTimeout?: number;
  readonly autoResendUnfulfilledCommands?: boolean;
}

/** A connection that has not become ready in this time is opened anew. */
const READY_WITHIN_MS = 2000;

const retryStrategy = (times: number) => Math.min(50 * times, 1000);

/**
 * Each of these matters (tried with kill, SIGSTOP and restart): an offline queue executes commands long after their callers were told they had
 * failed; without `commandTimeout` a hung Redis hangs the request; resending would repeat an add that may have been done.
 */
export function createProducerClient(connection: RedisConnectionOption, timeoutMs: number): RedisLike {
  const client = createClient(connection, {
    enableOfflineQueue: false,
    commandTimeout: timeoutMs,
    connectTimeout: 500,
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    retryStrategy,
  });
  return keepFresh(client);
}

export function createWorkerClient(connection: RedisConnectionOption): RedisLike {
  return createClient(connection, { maxRetriesPerRequest: null, enableOfflineQueue: true, retryStrategy, connectTimeout: 5000 });
}

/** Resolves when the first connection is made or has failed, or after `timeoutMs`: a process that has just started is not degraded. */
export function firstConnection(client: RedisLike, timeoutMs: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, timeoutMs).unref();
    for (const event of ['ready', 'close', 'end']) {
      client.on(event, () => {
        clearTimeout(timer);
        resolve();
      });
    }
  });
}

/** True when a command would be sent at once. */
export function isReady(client: RedisLike): boolean {
  return client.status === 'ready';
}

function createClient(connection: RedisConnectionOption, options: ClientOptions): RedisLike {
  // A connection outlives the request that made it.
  const client = context.with(LOOP_CONTEXT, () => connect(connection, options));
  client.on('error', () => {});
  return client;
}

function connect(connection: RedisConnectionOption, options: ClientOptions): RedisLike {
  const { Redis } = loadIoRedis();
  if (typeof connection === 'string') return new Redis(connection, options);
  if (isClusterClient(connection)) {
    const { enableOfflineQueue, ...redisOptions } = options;
    return connection.duplicate(undefined, {
      enableOfflineQueue,
      clusterRetryStrategy: retryStrategy,
      redisOptions: { ...connection.options.redisOptions, ...redisOptions },
    });
  }
  return isClient(connection) ? connection.duplicate(options) : new Redis({ ...connection, ...options });
}

interface Client {
  duplicate(options: object): RedisLike;
}

interface ClusterClient {
  readonly options: { readonly redisOptions?: object };
  duplicate(nodes: undefined, options: object): RedisLike;
}

function isClient(connection: object): connection is Client {
  return 'duplicate' in connection && typeof connection.duplicate === 'function';
}

function isClusterClient(connection: object): connection is ClusterClient {
  return isClient(connection) && 'isCluster' in connection && connection.isCluster === true;
}

/** A peer that accepts connections and says nothing (hung, or behind a dead link) would keep the client waiting for its greeting for ever. */
function keepFresh(client: RedisLike): RedisLike {
  let timer: NodeJS.Timeout | undefined;
  const clear = () => clearTimeout(timer);
  client.on('connect', () => {
    clear();
    timer = setTimeout(() => {
      if (client.status === 'connect') client.disconnect(true);
    }, READY_WITHIN_MS).unref();
  });
  for (const event of ['ready', 'close', 'end']) client.on(event, clear);
  return client;
}
