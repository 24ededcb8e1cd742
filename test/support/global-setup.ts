// One PostgreSQL and one Redis for the whole run. Test files get at them through servers.ts; tests that stop, kill or fill a server
// start their own.

import type { TestProject } from 'vitest/node';
import { startPostgres } from './postgres.ts';
import { startRedis } from './redis.ts';

/** A server's url, or why there is none: said by the tests that need it, so that the others can run without. */
export type ServerAddress = { url: string } | { reason: string };

declare module 'vitest' {
  interface ProvidedContext {
    postgres: ServerAddress;
    redis: ServerAddress;
  }
}

interface Started {
  address: ServerAddress;
  stop(): Promise<void>;
}

/** Vitest calls it once, before the first test file, and what it returns after the last. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const onProgress = (line: string): void => {
    process.stderr.write(`${line}\n`);
  };
  const [postgres, redis] = await Promise.all([
    started(startPostgres({ onProgress })),
    started(startRedis({ onProgress, settings: { appendonly: 'yes' } })),
  ]);
  project.provide('postgres', postgres.address);
  project.provide('redis', redis.address);
  return async () => {
    await Promise.all([postgres.stop(), redis.stop()]);
  };
}

async function started(starting: Promise<{ url: string; stop(): Promise<void> }>): Promise<Started> {
  try {
    const server = await starting;
    return { address: { url: server.url }, stop: () => server.stop() };
  } catch (error) {
    return { address: { reason: error instanceof Error ? error.message : String(error) }, stop: async () => {} };
  }
}
