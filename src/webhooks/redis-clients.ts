// The Redis connections of WebhookQueue. The producer's answers fast or fails; the worker's waits
// for as long as it takes. Both notice a dead peer.
import { context } from '@opentelemetry/api';
import { LOOP_CONTEXT } from '../integrations/queue/inner-context.js';
import { afterLoopTime } from '../node/deadline.js';
import type { RedisConnectionOption } from './options.js';
import { loadIoRedis, type RedisLike } from './peers.js';

/** Options of ioredis that we set. */
interface ClientOptions {
  readonly enableOfflineQueue: boolean;
  readonly connectTimeout: number;
  readonly disconnectTimeout: number;
  readonly maxRetriesPerRequest: number | null;
  readonly retryStrategy: (times: number) => number;
  readonly commandTimeout: number | undefined;
  readonly autoResendUnfulfilledCommands?: boolean;
}

/**
 * Time between two looks at a connection. One that is silent from one look to the next is opened
 * anew.
 */
const LOOK_MS = 2000;
/** Timeout of one attempt to connect. */
const CONNECT_MS = 5000;
/** A command without an answer for so long is given up. */
const LEFT_OVER_MS = 30_000;

const retryStrategy = (times: number) => Math.min(50 * times, 1000);

/**
 * Each of these matters (tried with kill, SIGSTOP and restart): an offline queue executes commands
 * long after their callers were told they had failed; resending would repeat an add that may have
 * been done. The timeouts of ioredis are no deadlines: a late timer of a blocked event loop would
 * give up a healthy connection. They only keep what a hung Redis never answers from piling up;
 * `RedisStore` has the deadlines.
 */
export function createProducerClient(connection: RedisConnectionOption): RedisLike {
  const client = createClient(connection, {
    enableOfflineQueue: false,
    commandTimeout: LEFT_OVER_MS,
    connectTimeout: CONNECT_MS,
    disconnectTimeout: 100,
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    retryStrategy,
  });
  watchGreeting(client);
  return client;
}

/**
 * @param opened receives the client and the copies that BullMQ makes of it: while Redis is down it
 * does not end them itself.
 */
export function createWorkerClient(connection: RedisConnectionOption, opened: RedisLike[]): RedisLike {
  const client = createClient(connection, {
    enableOfflineQueue: true,
    commandTimeout: undefined,
    connectTimeout: CONNECT_MS,
    disconnectTimeout: 500,
    maxRetriesPerRequest: null,
    retryStrategy,
  });
  watchAnswers(client);
  opened.push(client);
  const duplicate = client.duplicate.bind(client);
  client.duplicate = (...options) => {
    const copy = duplicate(...options);
    opened.push(copy);
    return copy;
  };
  return client;
}

/**
 * Resolves when the first connection is made or was refused, or after `timeoutMs` of loop time: a
 * process that has just started is not degraded. An attempt that timed out is followed by another.
 */
export function firstConnection(client: RedisLike, timeoutMs: number): Promise<void> {
  return new Promise((resolve) => {
    const cancel = afterLoopTime(timeoutMs, resolve);
    const settle = () => {
      cancel();
      resolve();
    };
    let isSlow = false;
    client.on('error', (error) => {
      isSlow = isTimeout(error);
    });
    client.on('close', () => {
      if (!isSlow) settle();
    });
    for (const event of ['ready', 'end']) client.once(event, settle);
  });
}

/** ioredis has many words for it, and a cluster client puts it into `lastNodeError`. */
function isTimeout(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return /timed? ?out/i.test(error.message) || ('lastNodeError' in error && isTimeout(error.lastNodeError));
}

/** True when a command would be sent at once. */
export function isReady(client: RedisLike): boolean {
  return client.status === 'ready';
}

const reopening = new WeakSet<RedisLike>();

/**
 * Drops the connection and opens another one. Only where there is one: a client that is connecting
 * would give up for good.
 */
export function reopen(client: RedisLike): void {
  if (reopening.has(client) || !(client.status === 'ready' || client.status === 'connect')) return;
  reopening.add(client);
  client.once('close', () => reopening.delete(client));
  client.disconnect(true);
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
  if (isClient(connection)) return connection.duplicate(options);
  // ioredis itself ignores it, and would try localhost.
  const url = 'url' in connection ? connection.url : undefined;
  return url === undefined ? new Redis({ ...connection, ...options }) : new Redis(url, { ...connection, ...options });
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

/**
 * A peer that accepts connections and does not answer (hung, or behind a dead link) would keep the
 * client waiting for its greeting for ever.
 */
function watchGreeting(client: RedisLike): void {
  let cancel = () => {};
  client.on('connect', () => {
    cancel();
    cancel = afterLoopTime(LOOK_MS, () => {
      if (client.status === 'connect') reopen(client);
    });
  });
  for (const event of ['ready', 'close', 'end']) client.on(event, () => cancel());
}

/**
 * A dead link sends nothing either, and TCP takes a quarter of an hour to give up; the worker's
 * commands are sent again on the next connection.
 */
function watchAnswers(client: RedisLike): void {
  let isWaiting = false;
  const answered = () => {
    isWaiting = false;
  };
  const look = () => {
    if (client.status === 'end') return;
    if (isWaiting || client.status === 'connect') reopen(client);
    isWaiting = isReady(client);
    if (isWaiting) client.ping().then(answered, answered);
    afterLoopTime(LOOK_MS, look);
  };
  context.with(LOOP_CONTEXT, () => afterLoopTime(LOOK_MS, look));
}
