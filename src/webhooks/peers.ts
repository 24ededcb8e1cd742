// The optional packages that WebhookQueue needs, loaded when it is made, typed by what is used of
// them in every supported version.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Pool } from 'pg';
import { missingPeer } from '../node/missing-peer.js';
import type { PostgresOptions } from './postgres-options.js';
import { WebhookQueueError } from './webhook-error.js';
import type { StoreQueue, StoreWorker } from './webhook-store.js';

export interface BullMq {
  readonly Queue: new (name: string, options: object, backend?: unknown) => StoreQueue;
  readonly Worker: new (name: string, processor: unknown, options: object, backend?: unknown) => StoreWorker;
  /** An error BullMQ takes for "put back, not failed". */
  readonly DelayedError: new () => Error;
  /** BullMQ 6. */
  readonly createPostgresBackend?: unknown;
}

/** A client of ioredis, for one Redis or a cluster. */
export interface RedisLike {
  readonly status: string;
  hmget(key: string, ...fields: string[]): Promise<(string | null)[]>;
  exists(key: string): Promise<number>;
  info(section: string): Promise<string>;
  ping(): Promise<unknown>;
  /** Seconds and microseconds, as texts in some versions. */
  time(): Promise<(number | string)[]>;
  duplicate(...options: unknown[]): RedisLike;
  disconnect(reconnect?: boolean): void;
  on(event: string, listener: (error: unknown) => void): unknown;
  once(event: string, listener: () => void): unknown;
}

export interface IoRedis {
  readonly Redis: new (first: string | object, options?: object) => RedisLike;
}

export interface Pg {
  readonly Pool: new (config: PostgresOptions) => Pool;
}

/** @throws {WebhookQueueError} WEBHOOK_PEER_MISSING */
export function loadBullMq(): BullMq {
  return load('bullmq', () => require('bullmq'));
}

/** @throws {WebhookQueueError} WEBHOOK_PEER_MISSING */
export function loadIoRedis(): IoRedis {
  return load('ioredis', () => require('ioredis'));
}

/** @throws {WebhookQueueError} WEBHOOK_PEER_MISSING */
export function loadPg(): Pg {
  return load('pg', () => require('pg'));
}

function load<Module>(name: string, requirePackage: () => Module): Module {
  try {
    return requirePackage();
  } catch {
    return loadFromApp(name);
  }
}

/**
 * Second place to look: this package may not be installed beside its peers (the command, run by
 * npx).
 */
function loadFromApp<Module>(name: string): Module {
  try {
    return createRequire(join(process.cwd(), 'package.json'))(name);
  } catch (cause) {
    throw new WebhookQueueError('WEBHOOK_PEER_MISSING', missingPeer('WebhookQueue', name), { cause });
  }
}
