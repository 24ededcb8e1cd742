// The PostgreSQL and the Redis that global-setup.ts started, for test files: a database of their own in each.

import { Redis } from 'ioredis';
import { inject } from 'vitest';
import type { ServerAddress } from './global-setup.ts';
import { createDatabase } from './postgres.ts';
import { REDIS_DATABASES } from './redis.ts';

/** Counts in database 0 how many databases were given out. */
const COUNTER = 'sietch-otel:databases';

/**
 * The url of database `postgres` on the run's server: for what needs no tables of its own.
 * @throws {Error} when there is no PostgreSQL on this machine; it names the ways to get one.
 */
export function postgresUrl(): string {
  return urlOf(inject('postgres'));
}

/** The url of an empty database that nobody else uses, with the extension pg_stat_statements. */
export function freshDatabase(): Promise<string> {
  return createDatabase(postgresUrl());
}

/**
 * The url of the run's Redis, without a database number: for what keeps to keys of its own.
 * @throws {Error} when there is no Redis on this machine; it names the ways to get one.
 */
export function redisUrl(): string {
  return urlOf(inject('redis'));
}

/** The url of an empty logical database of the run's Redis, `redis://127.0.0.1:6379/17`. Nobody else gets it until all others were given out. */
export async function freshRedis(): Promise<string> {
  const redis = new Redis(redisUrl(), { lazyConnect: true });
  try {
    await redis.connect();
    const given = await redis.incr(COUNTER);
    // A server that was there before us has what its own configuration says, 16 as a rule; 0 holds the counter.
    const databases = Number((await redis.config('GET', 'databases').catch(() => []))[1] ?? 16);
    const database = 1 + ((given - 1) % (Math.min(databases, REDIS_DATABASES) - 1));
    await redis.select(database);
    await redis.flushdb();
    return `${redisUrl()}/${database}`;
  } finally {
    redis.disconnect();
  }
}

function urlOf(address: ServerAddress): string {
  if ('reason' in address) throw new Error(address.reason);
  return address.url;
}
