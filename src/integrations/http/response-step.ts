// What a request does that waits for no call of its own, as its messages show it.
import type { ServerResponse } from 'node:http';

/** Undefined where the handler has not begun to answer, and has the whole request. */
export function responseStep(response: ServerResponse): string | undefined {
  if (response.writableEnded) return 'sending the response: the client reads slowly';
  if (response.headersSent) return 'streaming the response';
  const { req: request } = response;
  // Nobody reads a body that is not flowing.
  return request !== undefined && !request.complete && request.readableFlowing !== null ? 'receiving the request' : undefined;
}
