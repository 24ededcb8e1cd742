// The endpoint's own HTTP server. It never keeps the process alive, and is hidden from
// instrumentations.
import { EventEmitter } from 'node:events';
import { createServer, type Server } from 'node:http';
import { limitConnections, REQUEST_TIMEOUTS } from '../node/connection-limit.js';
import type { RequestHandler } from './mounted-handler.js';

export interface ListenOptions {
  readonly host: string;
  readonly port: number;
  /** Number of ports after `port` to try when that is taken. */
  readonly furtherPorts: number;
}

export interface ListeningServer {
  /** The port, once it listens. */
  readonly listening: Promise<number>;
  close(): Promise<void>;
}

/** Bound of file descriptors that clients take from the app. */
const MAX_CONNECTIONS = 100;

export function listen(handler: RequestHandler, options: ListenOptions): ListeningServer {
  const server = createServer(REQUEST_TIMEOUTS, handler);
  hideFromInstrumentations(server);
  limitConnections(server, MAX_CONNECTIONS);
  server.on('connection', (socket) => socket.unref());
  return {
    listening: listenOnFreePort(server, options),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** `http://127.0.0.1:9464/metrics` */
export function metricsUrl(host: string, port: number): string {
  // isIPv6() compiles a pattern that takes five milliseconds; a name has no colon.
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}/metrics`;
}

/**
 * instrumentation-http patches `emit` on the prototype of http.Server: an own `emit` bypasses it,
 * so that a scrape makes no span and no http.server.request.duration, whatever the settings of that
 * instrumentation are.
 */
function hideFromInstrumentations(server: Server): void {
  Object.defineProperty(server, 'emit', { value: EventEmitter.prototype.emit, configurable: true, writable: true });
}

export function isPortTaken(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
}

async function listenOnFreePort(server: Server, { host, port, furtherPorts }: ListenOptions): Promise<number> {
  for (let tried = 0; ; tried++) {
    try {
      return await listenOnce(server, host, port + tried);
    } catch (error) {
      const more = tried < furtherPorts && port !== 0 && port + tried < 65_535;
      if (!more || !isPortTaken(error)) throw error;
    }
  }
}

function listenOnce(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    // In a worker of node:cluster, without `exclusive` the primary would listen and share requests
    // out among workers.
    server.listen({ host, port, exclusive: true }, () => {
      server.off('error', reject);
      // A server that fails later (EMFILE on accept) must not throw into the app.
      server.on('error', () => {});
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : port);
    });
    server.unref();
  });
}
