// An upstream that fails, hangs and recovers as it is told: a real HTTP server.
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface FlakyServer {
  readonly url: string;
  behaviour: 'well' | 'fail' | 'hang';
  /** How many requests came. */
  readonly requests: number;
  close(): Promise<void>;
}

export async function startFlakyServer(): Promise<FlakyServer> {
  let requests = 0;
  let behaviour: FlakyServer['behaviour'] = 'well';
  const hanging = new Set<ServerResponse>();
  const server = createServer((_request, response) => {
    requests++;
    if (behaviour === 'well') response.end('well');
    else if (behaviour === 'fail') response.writeHead(503).end();
    else hanging.add(response);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    get behaviour() {
      return behaviour;
    },
    set behaviour(next) {
      behaviour = next;
    },
    get requests() {
      return requests;
    },
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
