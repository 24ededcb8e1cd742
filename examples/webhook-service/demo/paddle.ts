// A stand-in for the Paddle API on loopback: answers, fails or hangs as it is told.
import { createServer, type Server } from 'node:http';
import { listen } from './listen.ts';

export type PaddleMood = 'well' | 'failing' | 'hanging';

export interface PaddleStandIn {
  readonly url: string;
  /** Trace headers of the calls it got, newest last. */
  readonly traceHeaders: { traceparent: string | undefined; traceId: string | undefined }[];
  mood: PaddleMood;
  close(): void;
}

export async function startPaddle(): Promise<PaddleStandIn> {
  const traceHeaders: PaddleStandIn['traceHeaders'] = [];
  const server: Server = createServer((request, response) => {
    traceHeaders.push({ traceparent: String(request.headers['traceparent']), traceId: String(request.headers['x-trace-id']) });
    if (paddle.mood === 'hanging') return;
    response.writeHead(paddle.mood === 'well' ? 200 : 503, { 'content-type': 'application/json' });
    response.end(JSON.stringify(paddle.mood === 'well' ? { status: 'active' } : { error: 'down' }));
  });
  const paddle: PaddleStandIn = {
    url: await listen(server),
    traceHeaders,
    mood: 'well',
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
  return paddle;
}
