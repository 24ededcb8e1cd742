// Tells whether an HTTP message has listeners of the app: Node.js itself listens to the end of each
// request.
import type { IncomingMessage, ServerResponse } from 'node:http';

/**
 * Name of that listener in 20.20 and 24.21. By another name it would be called in the context of the
 * request, like those of the app.
 */
const OF_NODE = 'clearIncoming';

export function isHeard(message: IncomingMessage | ServerResponse, event: string | symbol): boolean {
  const listeners = message.listenerCount(event);
  return listeners === 1 && event === 'end' ? message.rawListeners(event)[0]?.name !== OF_NODE : listeners > 0;
}
