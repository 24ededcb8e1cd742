// The port that a server listens on.
import type { Server } from 'node:net';

/** @throws {Error} of `node:net` when it cannot, for example EADDRINUSE. */
export function listenOn(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : port);
    });
  });
}
