// Requests that were sent before those ahead of them on their connection had been answered (HTTP
// pipelining). Their responses get the connection one after the other, and Node.js tells those that
// never got it nothing when it is gone.
import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** One that may be waiting for its turn to answer. */
export interface PipelinedRequest {
  /** Until it has ended. */
  readonly response: ServerResponse | undefined;
  /** Those of its connection; it takes itself out at its end. */
  queue?: Set<PipelinedRequest>;
  close(response: ServerResponse): void;
}

const queues = new WeakMap<Socket, Set<PipelinedRequest>>();

/** Ends the request when its connection is gone, if nothing has before. */
export function endWithConnection(incoming: PipelinedRequest, { req }: ServerResponse): void {
  const socket = connectionOf(req);
  if (socket === undefined) return;
  const queue = queues.get(socket) ?? watch(socket);
  queue.add(incoming);
  incoming.queue = queue;
}

/** One listener for all of them: a client may send thousands. */
function watch(socket: Socket): Set<PipelinedRequest> {
  const queue = new Set<PipelinedRequest>();
  queues.set(socket, queue);
  socket.once('close', () => {
    for (const incoming of queue) if (incoming.response !== undefined) incoming.close(incoming.response);
  });
  return queue;
}

/** Tests of apps make responses that have no request, and requests that have no connection. */
function connectionOf(request: ServerResponse['req'] | undefined): Socket | undefined {
  const socket: Socket | null | undefined = request?.socket;
  return typeof socket?.once === 'function' && !socket.destroyed ? socket : undefined;
}
