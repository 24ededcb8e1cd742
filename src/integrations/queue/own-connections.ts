// Our own connections to the Redis of the app's queues, one to each: what we ask must neither wait
// behind the app's commands nor keep its connections busy.
import type { QueueInstance, RedisClient } from './bullmq-module.js';

/** A script that runs as a command of its own name. */
export interface OwnScript {
  readonly command: string;
  readonly numberOfKeys: number;
  readonly lua: string;
}

const DEADLINE_MS = 1000;
const OPTIONS = { commandTimeout: DEADLINE_MS, maxRetriesPerRequest: 0, connectionName: 'sietch-otel', lazyConnect: false };

export class OwnConnections {
  /** By the address of the Redis. */
  readonly #clients = new Map<string, RedisClient>();

  /** The connection to the server of `shared`, which is the app's. */
  like(shared: RedisClient): RedisClient {
    const address = addressOf(shared);
    const existing = this.#clients.get(address);
    if (existing !== undefined) return existing;
    const client = duplicate(shared);
    client.on('error', () => {});
    for (const event of ['connect', 'ready']) client.on(event, () => unref(client));
    this.#clients.set(address, client);
    return client;
  }

  close(): void {
    for (const client of this.#clients.values()) client.disconnect();
    this.#clients.clear();
  }
}

/**
 * The app's client of a queue; undefined where the storage is no Redis. Never resolves while Redis
 * is down.
 */
export function redisOf(instance: QueueInstance): Promise<RedisClient> | undefined {
  return (instance.backend ?? instance).connection?.client;
}

/** The server that a client connects to; only a key of our own maps. */
export function addressOf(client: RedisClient): string {
  const { host, port, path, db, url, socket, name, sentinels } = client.options ?? {};
  const nodes: unknown = Reflect.get(client, 'startupNodes');
  return JSON.stringify([host, port, path, db, url, name, socket, sentinels, nodes]);
}

/** Runs a script on a connection of ours. Defined at the first use. */
export function runScript(client: RedisClient, { command, numberOfKeys, lua }: OwnScript, args: readonly string[]): Promise<unknown> {
  const defined = scriptsOf(client);
  if (!defined.has(command)) client.defineCommand(command, { numberOfKeys, lua });
  defined.add(command);
  if (client.runCommand !== undefined) return client.runCommand(command, args);
  const method: unknown = Reflect.get(client, command);
  return typeof method === 'function' ? method.call(client, args) : Promise.reject(new Error('No such command'));
}

const scripts = new WeakMap<RedisClient, Set<string>>();

function scriptsOf(client: RedisClient): Set<string> {
  const known = scripts.get(client) ?? new Set();
  scripts.set(client, known);
  return known;
}

/**
 * BullMQ's adapters take ioredis' options for every kind of client; a plain cluster of ioredis
 * takes them elsewhere.
 */
function duplicate(shared: RedisClient): RedisClient {
  const isPlainCluster = shared.isCluster === true && shared.runCommand === undefined;
  return isPlainCluster ? shared.duplicate() : shared.duplicate(OPTIONS);
}

/** Our connection must not keep the process alive. */
function unref(client: RedisClient): void {
  for (const part of [Reflect.get(client, 'stream'), Reflect.get(client, 'raw')]) {
    if (typeof part === 'object' && part !== null && 'unref' in part && typeof part.unref === 'function') part.unref();
  }
}
