// Bounds the open connections of an HTTP server of ours so that slow clients cannot keep others
// out: a new connection is always accepted, and the one that has been idle for longest is closed
// for it. Node's own `maxConnections` refuses the new one instead, which is the scraper.
import type { Server } from 'node:http';
import type { Socket } from 'node:net';

/**
 * Time in which the head of a request, and the whole of it, must have arrived. Node looks for late
 * ones once in `connectionsCheckingInterval`.
 */
export const REQUEST_TIMEOUTS = {
  headersTimeout: 5_000,
  requestTimeout: 10_000,
  keepAliveTimeout: 5_000,
  connectionsCheckingInterval: 2_500,
};

/**
 * A connection is left alone for so long after it was opened or used: among many that are opened at
 * once, each has time to send its request.
 */
const GRACE_MS = 1_000;
/** Times the limit that may be open within that time. */
const BURST = 10;

/** Limits the open connections of a server that does not listen yet. */
export function limitConnections(server: Server, max: number): void {
  const connections = new ConnectionLimit(max);
  server.on('connection', (socket) => connections.add(socket));
  server.prependListener('request', ({ socket }, response) => {
    connections.setAnswering(socket);
    response.once('close', () => connections.setIdle(socket));
  });
}

class ConnectionLimit {
  readonly #max: number;
  /** When each became so, the longest ago first. */
  readonly #idle = new Map<Socket, number>();
  readonly #answering = new Map<Socket, number>();
  #willTrim = false;

  constructor(max: number) {
    this.#max = max;
  }

  add(socket: Socket): void {
    this.#idle.set(socket, performance.now());
    socket.once('close', () => this.#remove(socket));
    this.#trim();
  }

  setAnswering(socket: Socket): void {
    if (this.#remove(socket)) this.#answering.set(socket, performance.now());
  }

  setIdle(socket: Socket): void {
    if (this.#remove(socket)) this.#idle.set(socket, performance.now());
  }

  get #size(): number {
    return this.#idle.size + this.#answering.size;
  }

  /** False when it was closed before. */
  #remove(socket: Socket): boolean {
    return this.#idle.delete(socket) || this.#answering.delete(socket);
  }

  /** Closes idle connections first; those that still read a response only when none is idle. */
  #trim(): void {
    const now = performance.now();
    for (const [socket, since] of [...this.#idle, ...this.#answering]) {
      if (this.#size <= this.#max) return;
      if (now - since < GRACE_MS && this.#size <= this.#max * BURST) continue;
      this.#remove(socket);
      socket.destroy();
    }
    if (this.#willTrim) return;
    this.#willTrim = true;
    setTimeout(() => {
      this.#willTrim = false;
      this.#trim();
    }, GRACE_MS).unref();
  }
}
