// Ports for servers of our own. Used by tests and the demo: no vitest here.

import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/**
 * Below the range that systems take for outgoing connections (Linux: 32768 on). There, a client that keeps calling a server that is down can
 * be given that very port and connect to itself, and a server could not come back to it.
 */
const FIRST = 20_000;
const LAST = 32_000;
const ATTEMPTS = 5;

/** A TCP port of 127.0.0.1 that was free a moment ago: `preferred` where it was, else any. */
export async function freePort(preferred?: number): Promise<number> {
  if (preferred !== undefined && (await isFree(preferred))) return preferred;
  for (;;) {
    const port = randomInt(FIRST, LAST);
    if (await isFree(port)) return port;
  }
}

/** Calls `start` with `port` where there is one; else with free ports, until one was not taken by somebody else in the meantime. */
export async function onFreePort<Server>(port: number | undefined, start: (port: number) => Promise<Server>): Promise<Server> {
  if (port !== undefined) return start(port);
  for (let attempt = 1; ; attempt++) {
    try {
      return await start(await freePort());
    } catch (error) {
      const taken = error instanceof Error && /address already in use/i.test(error.message);
      if (!taken || attempt === ATTEMPTS) throw error;
    }
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
