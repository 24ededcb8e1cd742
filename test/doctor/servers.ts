// Servers that are wrong in one way, to stand where the collector should be.
import { readFileSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import { createServer as createHttp2, type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2';
import type { Server, Socket } from 'node:net';
import { join } from 'node:path';
import { ROOT } from '../support/checkout.ts';

/** Its own authority too. */
export const CERT = join(ROOT, 'test/fixtures/tls/cert.pem');
export const TLS = { cert: readFileSync(CERT), key: readFileSync(join(ROOT, 'test/fixtures/tls/key.pem')) };

/** The servers of a test, all closed at once. */
export class Servers {
  readonly #servers: Server[] = [];
  readonly #sockets = new Set<Socket>();

  /** Resolves with host and port. */
  async listen(server: Server): Promise<string> {
    this.#servers.push(server);
    server.on('connection', (socket) => this.#sockets.add(socket));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    return `127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#sockets.clear();
    for (const server of this.#servers.splice(0)) server.close();
  }
}

export function answering(status: number, headers: Readonly<Record<string, string>> = {}): RequestListener {
  return (request, response) => {
    request.resume();
    request.on('end', () => response.writeHead(status, headers).end());
  };
}

/** Answers each call with this status. */
export function grpcServer(status: number): Server {
  const server = createHttp2();
  server.on('stream', (stream: ServerHttp2Stream, _headers: IncomingHttpHeaders) => {
    // Of a sender that is killed.
    stream.on('error', () => {});
    stream.resume();
    stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': String(status) }));
    stream.end();
  });
  return server;
}
